/**
 * Where the SDK finds its credentials: Lambda puts them into the environment. Bundles have this in the place of the
 * SDK's own search (tools/build.ts), which looks in files, processes and other services, and is a quarter of each client.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
