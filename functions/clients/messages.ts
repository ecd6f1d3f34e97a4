/** E-mail by SES and SMS by SNS. */
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { inTime } from '../kit/budget.ts';

export interface Messages {
  /** @throws Error when it is not certain to be on its way */
  email(to: string, content: { readonly subject: string; readonly text: string }): Promise<void>;
  /** @param to E.164 */
  sms(to: string, text: string): Promise<void>;
}

/** @param from the sender of e-mail */
export function connect(settings: object, from: string): Messages {
  const ses = inTime(new SESv2Client(settings));
  const sns = inTime(new SNSClient(settings));
  return {
    async email(to, { subject, text }) {
      await ses.send(
        new SendEmailCommand({
          FromEmailAddress: from,
          Destination: { ToAddresses: [to] },
          Content: { Simple: { Subject: { Data: subject }, Body: { Text: { Data: text } } } },
        }),
      );
    },
    async sms(to, text) {
      await sns.send(new PublishCommand({ PhoneNumber: to, Message: text }));
    },
  };
}
