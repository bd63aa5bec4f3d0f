/** The CDK app: `npx cdk synth` in this folder, or `npx peer-perf cloud up` in the root. */
import { App } from 'aws-cdk-lib'
import { STACK_NAME } from '../runners/aws-lab'
import { LabStack } from './lab-stack'

const app = new App()
const text = (name: string) => app.node.tryGetContext(name) as string | undefined

new LabStack(app, STACK_NAME, {
  description: 'Catalyst peer performance tests: results server, Lighthouse and client tasks on Fargate',
  env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
  peerLibrary: text('peerLibrary')
})
