/** The command line of `npm start`. */
import { Command, InvalidArgumentError } from 'commander';
import { messageOf, StartFailure } from './failure.ts';
import { parseInstant } from './local-routes.ts';

export interface Options {
  readonly port: number;
  readonly dataDirectory: string;
  readonly fresh: boolean;
  readonly startAt: number | undefined;
  readonly dynamoDbLocal: boolean;
  readonly reapplyErasures: boolean;
}

/** Parses `argv` (without node and script). Prints help or a mistake and ends the process, as commander does. */
export function parseOptions(argv: readonly string[], environment: NodeJS.ProcessEnv): Options {
  const command = new Command('npm start --')
    .description('Runs Philia whole on this machine.')
    .option('--port <number>', 'the port to listen on (also PORT)', port, portOf(environment))
    .option('--data <directory>', 'where everything is kept', '.local')
    .option('--fresh', 'start empty: delete what was kept', false)
    .option('--clock <date>', 'the time a fresh system starts at, as 2010-12-01T00:00:00Z', instant)
    .option('--dynamodb-local', 'keep the table in AWS’s DynamoDB Local (Java 17)', false)
    .option('--reapply-erasures', 'erase again who was erased: after the table was restored', false)
    .allowExcessArguments(false)
    .parse(argv, { from: 'user' });
  const options = command.opts<{
    port: number;
    data: string;
    fresh: boolean;
    clock?: number;
    dynamodbLocal: boolean;
    reapplyErasures: boolean;
  }>();
  return {
    port: options.port,
    dataDirectory: options.data,
    fresh: options.fresh,
    startAt: options.clock,
    dynamoDbLocal: options.dynamodbLocal,
    reapplyErasures: options.reapplyErasures,
  };
}

/** @throws StartFailure naming PORT when it is no port */
function portOf(environment: NodeJS.ProcessEnv): number {
  const text = environment['PORT'] ?? '3000';
  try {
    return port(text);
  } catch (error) {
    throw new StartFailure(`PORT is wrong: ${messageOf(error)}`);
  }
}

function port(text: string): number {
  const number = Number(text);
  if (text === '' || !Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new InvalidArgumentError(`A port is a number from 0 (any free one) to 65535, not "${text}".`);
  }
  return number;
}

function instant(text: string): number {
  const at = parseInstant(text);
  if (at === undefined)
    throw new InvalidArgumentError(`Must be an RFC 3339 date with an offset, not "${text}".`);
  return at;
}
