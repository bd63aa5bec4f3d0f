import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { App } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { LabStack } from './lab-stack'

interface Resource {
  Type: string
  DeletionPolicy?: string
  Properties: Record<string, unknown>
}

const KEPT_BY_DEFAULT = ['AWS::EFS::FileSystem', 'AWS::Logs::LogGroup', 'AWS::SecretsManager::Secret']

describe('the lab on Fargate', () => {
  let template: Template
  let resources: [string, Resource][]

  before(() => {
    template = synthesise()
    resources = Object.entries((template.toJSON() as { Resources: Record<string, Resource> }).Resources)
  })

  it('runs one results server and one Lighthouse, which clients find by name', () => {
    template.resourceCountIs('AWS::ECS::Service', 2)
    template.hasResourceProperties('AWS::ServiceDiscovery::PrivateDnsNamespace', { Name: 'lab.internal' })
    for (const Name of ['results', 'lighthouse']) {
      template.hasResourceProperties('AWS::ServiceDiscovery::Service', { Name })
    }
    template.allResourcesProperties('AWS::ECS::Service', {
      DesiredCount: 1,
      LaunchType: 'FARGATE',
      DeploymentConfiguration: Match.objectLike({ MaximumPercent: 100, MinimumHealthyPercent: 0 })
    })
  })

  it('gives clients only the addresses and the submit token', () => {
    const client = containerOf('client')
    assert.deepEqual(client.Environment, [
      { Name: 'RESULTS_SERVER_URL', Value: 'http://results.lab.internal:9904' },
      { Name: 'LIGHTHOUSE_URL', Value: 'http://lighthouse.lab.internal:9000' }
    ])
    assert.deepEqual(secretsOf('client'), [['RESULTS_SERVER_SUBMIT_TOKEN', 'SubmitToken']])
  })

  it('gives the results server both tokens, generated, never written in the template', () => {
    assert.deepEqual(secretsOf('results-server'), [
      ['RESULTS_SERVER_TOKEN', 'ControlToken'],
      ['RESULTS_SERVER_SUBMIT_TOKEN', 'SubmitToken']
    ])
    template.resourceCountIs('AWS::SecretsManager::Secret', 2)
    template.allResourcesProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: { ExcludePunctuation: true, PasswordLength: 48 },
      SecretString: Match.absent()
    })
  })

  it('keeps results on a volume that outlives the task', () => {
    const { MountPoints } = containerOf('results-server')
    assert.deepEqual(MountPoints, [{ ContainerPath: '/results', ReadOnly: false, SourceVolume: 'results' }])
    template.hasResourceProperties('AWS::EFS::AccessPoint', { PosixUser: { Uid: '1000', Gid: '1000' } })
  })

  it('starts every container with an init process and retained logs', () => {
    for (const name of ['client', 'results-server', 'lighthouse']) {
      const { LinuxParameters, LogConfiguration } = containerOf(name)
      assert.equal(LinuxParameters.InitProcessEnabled, true)
      assert.equal(LogConfiguration.LogDriver, 'awslogs')
    }
  })

  it('admits nobody from outside', () => {
    const openings = [
      ...named('AWS::EC2::SecurityGroupIngress').map(([, { Properties }]) => Properties),
      ...named('AWS::EC2::SecurityGroup').flatMap(
        ([, { Properties }]) => (Properties.SecurityGroupIngress ?? []) as Record<string, unknown>[]
      )
    ]
    assert.ok(openings.length >= 4)
    for (const opening of openings) {
      assert.ok('SourceSecurityGroupId' in opening, `open to addresses: ${JSON.stringify(opening)}`)
    }
    template.resourceCountIs('AWS::EC2::NatGateway', 0)
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 0)
  })

  it('can be removed completely', () => {
    for (const [id, { Type, DeletionPolicy }] of resources) {
      assert.notEqual(DeletionPolicy, 'Retain', id)
      if (KEPT_BY_DEFAULT.includes(Type)) assert.equal(DeletionPolicy, 'Delete', id)
    }
  })

  it('provides every output that the commands read', () => {
    const outputs = Object.keys((template.toJSON() as { Outputs: object }).Outputs)
    for (const name of [
      'ClusterName',
      'ResultsServiceName',
      'ClientTaskDefinition',
      'ClientSecurityGroup',
      'Subnets'
    ]) {
      assert.ok(outputs.includes(name), name)
    }
  })

  it('builds another peer library into the client image alone', () => {
    const images = (peerLibrary?: string) => {
      const { Resources } = synthesise(peerLibrary).toJSON() as { Resources: Record<string, Resource> }
      return new Map(
        containersIn(Object.entries(Resources)).map(({ Name, Image }) => [Name, JSON.stringify(Image)])
      )
    }
    const [usual, other] = [images(), images('@dcl/catalyst-peer@1.0.4')]
    assert.notEqual(usual.get('client'), other.get('client'))
    assert.equal(usual.get('results-server'), other.get('results-server'))
  })

  function named(type: string): [string, Resource][] {
    return resources.filter(([, { Type }]) => Type === type)
  }

  function containerOf(name: string): Container {
    const found = containersIn(resources).find(({ Name }) => Name === name)
    assert.ok(found, name)
    return found
  }

  /** [variable, the secret's construct id] of a container. */
  function secretsOf(name: string): [string, string][] {
    return containerOf(name).Secrets.map(({ Name, ValueFrom }) => [Name, ValueFrom.Ref.slice(0, -8)])
  }
})

interface Container {
  Name: string
  Image: unknown
  Environment: unknown
  MountPoints: unknown
  LinuxParameters: { InitProcessEnabled: boolean }
  LogConfiguration: { LogDriver: string }
  Secrets: { Name: string; ValueFrom: { Ref: string } }[]
}

function containersIn(resources: [string, Resource][]): Container[] {
  return resources
    .filter(([, { Type }]) => Type === 'AWS::ECS::TaskDefinition')
    .flatMap(([, { Properties }]) => Properties.ContainerDefinitions as Container[])
}

function synthesise(peerLibrary?: string): Template {
  return Template.fromStack(new LabStack(new App({ analyticsReporting: false }), 'Test', { peerLibrary }))
}
