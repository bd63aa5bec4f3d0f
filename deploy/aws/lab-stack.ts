import { join } from 'node:path'
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib'
import { Port, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2'
import { Platform } from 'aws-cdk-lib/aws-ecr-assets'
import {
  Cluster,
  ContainerImage,
  FargateService,
  FargateTaskDefinition,
  LinuxParameters,
  LogDrivers,
  type ContainerDefinitionOptions,
  type HealthCheck,
  Secret as TaskSecret
} from 'aws-cdk-lib/aws-ecs'
import { FileSystem } from 'aws-cdk-lib/aws-efs'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { DnsRecordType } from 'aws-cdk-lib/aws-servicediscovery'
import type { Construct } from 'constructs'
import {
  DOMAIN,
  LIGHTHOUSE_PORT,
  RESULTS_PORT,
  SIZES,
  type LabOutputs,
  type TaskSize
} from '../runners/aws-lab'

const REPOSITORY = join(__dirname, '../..')
/** Folder of journals and results in clientRunner.Dockerfile, and the user it runs as. */
const RESULTS_FOLDER = '/results'
const NODE_USER = '1000'

export interface LabProps extends StackProps {
  /** Another peer library for the client image, such as `@dcl/catalyst-peer@1.0.4`. */
  peerLibrary?: string
}

/**
 * A results server and a Lighthouse that run all the time, and the task definition of clients. Tasks have
 * public addresses to pull images (a NAT gateway would cost more than the lab), but nothing accepts a
 * connection from outside: people reach the results server through Session Manager (`commands/cloud.ts`).
 * One availability zone: all pairs of peers are equally far apart, and no traffic between zones is billed.
 */
export class LabStack extends Stack {
  private readonly vpc = new Vpc(this, 'Network', {
    maxAzs: 1,
    natGateways: 0,
    subnetConfiguration: [{ name: 'public', subnetType: SubnetType.PUBLIC }]
  })
  private readonly cluster = new Cluster(this, 'Cluster', {
    vpc: this.vpc,
    enableFargateCapacityProviders: true,
    defaultCloudMapNamespace: { name: DOMAIN }
  })
  private readonly logGroup = new LogGroup(this, 'Logs', {
    retention: RetentionDays.ONE_WEEK,
    removalPolicy: RemovalPolicy.DESTROY
  })
  private readonly controlToken = this.token('ControlToken')
  private readonly submitToken = this.token('SubmitToken')
  private readonly clients = this.securityGroup('Clients', 'Client tasks')
  private readonly servers = this.securityGroup('Servers', 'Results server, Lighthouse')

  constructor(scope: Construct, id: string, props: LabProps = {}) {
    super(scope, id, props)
    // As WebRTC requires, clients reach each other on any port; the two servers on theirs. Nothing else is
    // reachable.
    this.clients.addIngressRule(this.clients, Port.allTraffic(), 'WebRTC between peers')
    this.servers.addIngressRule(this.clients, Port.tcp(RESULTS_PORT), 'Statistics')
    this.servers.addIngressRule(this.clients, Port.tcp(LIGHTHOUSE_PORT), 'Signalling')
    const resultsServer = this.resultsServer()
    this.lighthouse()
    const client = this.client(props.peerLibrary)

    const outputs = {
      ClusterName: this.cluster.clusterName,
      ResultsServiceName: resultsServer.serviceName,
      ClientTaskDefinition: client.taskDefinitionArn,
      ClientSecurityGroup: this.clients.securityGroupId,
      Subnets: this.vpc.publicSubnets.map(({ subnetId }) => subnetId).join(','),
      ControlTokenSecret: this.controlToken.secretArn,
      LogGroup: this.logGroup.logGroupName
    } satisfies LabOutputs
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value })
  }

  private token(id: string): Secret {
    return new Secret(this, id, {
      generateSecretString: { excludePunctuation: true, passwordLength: 48 },
      removalPolicy: RemovalPolicy.DESTROY
    })
  }

  private securityGroup(id: string, description: string): SecurityGroup {
    return new SecurityGroup(this, id, { vpc: this.vpc, description })
  }

  /** Results survive the replacement of a task by Fargate, and are removed with the stack. */
  private resultsServer(): FargateService {
    const files = new FileSystem(this, 'ResultsFiles', {
      vpc: this.vpc,
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      encrypted: true,
      removalPolicy: RemovalPolicy.DESTROY
    })
    const { accessPointId } = files.addAccessPoint('Results', {
      path: RESULTS_FOLDER,
      posixUser: { uid: NODE_USER, gid: NODE_USER },
      createAcl: { ownerUid: NODE_USER, ownerGid: NODE_USER, permissions: '750' }
    })
    const task = this.task('ResultsServer', 'results-server', SIZES.resultsServer, {
      image: this.image('server'),
      portMappings: [{ containerPort: RESULTS_PORT }],
      // Any Host header is accepted: the tokens protect the server.
      environment: { HOST: '0.0.0.0' },
      secrets: {
        RESULTS_SERVER_TOKEN: TaskSecret.fromSecretsManager(this.controlToken),
        RESULTS_SERVER_SUBMIT_TOKEN: TaskSecret.fromSecretsManager(this.submitToken)
      },
      healthCheck: healthCheck(RESULTS_PORT),
      // Time to write everything to disk when the task is stopped.
      stopTimeout: Duration.seconds(60)
    })
    task.addVolume({
      name: 'results',
      efsVolumeConfiguration: {
        fileSystemId: files.fileSystemId,
        transitEncryption: 'ENABLED',
        authorizationConfig: { accessPointId, iam: 'ENABLED' }
      }
    })
    task.defaultContainer!.addMountPoints({
      sourceVolume: 'results',
      containerPath: RESULTS_FOLDER,
      readOnly: false
    })
    files.grantReadWrite(task.taskRole)
    files.connections.allowDefaultPortFrom(this.servers, 'Results')

    const service = this.service('ResultsServer', 'results', task, true)
    service.node.addDependency(files.mountTargetsAvailable)
    return service
  }

  private lighthouse(): void {
    const task = this.task('Lighthouse', 'lighthouse', SIZES.lighthouse, {
      image: this.image('server'),
      command: ['node', 'lighthouse.js'],
      portMappings: [{ containerPort: LIGHTHOUSE_PORT }],
      environment: { HOST: '0.0.0.0', PORT: String(LIGHTHOUSE_PORT) },
      healthCheck: healthCheck(LIGHTHOUSE_PORT)
    })
    this.service('Lighthouse', 'lighthouse', task, false)
  }

  private client(peerLibrary: string | undefined): FargateTaskDefinition {
    return this.task('Client', 'client', SIZES.client, {
      image: this.image('client', peerLibrary === undefined ? {} : { PEER_LIBRARY: peerLibrary }),
      environment: {
        RESULTS_SERVER_URL: `http://results.${DOMAIN}:${RESULTS_PORT}`,
        LIGHTHOUSE_URL: `http://lighthouse.${DOMAIN}:${LIGHTHOUSE_PORT}`
      },
      secrets: { RESULTS_SERVER_SUBMIT_TOKEN: TaskSecret.fromSecretsManager(this.submitToken) },
      // Time to submit the results so far when the task is stopped.
      stopTimeout: Duration.seconds(60)
    })
  }

  private task(id: string, name: string, { cpu, memoryMiB }: TaskSize, options: ContainerDefinitionOptions) {
    const task = new FargateTaskDefinition(this, `${id}Task`, { cpu, memoryLimitMiB: memoryMiB })
    task.addContainer(name, {
      ...options,
      logging: LogDrivers.awsLogs({ streamPrefix: name, logGroup: this.logGroup }),
      // Like `docker run --init`: an init process reaps the browser's processes and forwards signals.
      linuxParameters: new LinuxParameters(this, `${id}Init`, { initProcessEnabled: true })
    })
    return task
  }

  private image(target: 'client' | 'server', buildArgs: Record<string, string> = {}): ContainerImage {
    const file = 'clientRunner.Dockerfile'
    return ContainerImage.fromAsset(REPOSITORY, { file, target, buildArgs, platform: Platform.LINUX_AMD64 })
  }

  /** One task, found by others as `<name>.lab.internal`; never two: results must have a single writer. */
  private service(id: string, name: string, task: FargateTaskDefinition, enableExecuteCommand: boolean) {
    return new FargateService(this, id, {
      cluster: this.cluster,
      taskDefinition: task,
      securityGroups: [this.servers],
      enableExecuteCommand,
      desiredCount: 1,
      minHealthyPercent: 0,
      maxHealthyPercent: 100,
      assignPublicIp: true,
      circuitBreaker: { rollback: false },
      cloudMapOptions: { name, dnsRecordType: DnsRecordType.A, dnsTtl: Duration.seconds(10) }
    })
  }
}

function healthCheck(port: number): HealthCheck {
  const request = `fetch('http://127.0.0.1:${port}/status').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`
  return { command: ['CMD', 'node', '-e', request], startPeriod: Duration.seconds(15) }
}
