/** The manifests for Kubernetes: their commands, settings, rights and names, against the program and each other. */
import { execFileSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { parseAllDocuments } from "yaml"
import { makeCommands } from "../../server/src/command-line.ts"
import { type Flags, readSettings } from "../../server/src/platform/config/settings.ts"

type Labels = Readonly<Record<string, string>>
interface Probe {
    readonly httpGet: { readonly path: string; readonly port: string }
}
interface Container {
    readonly image: string
    readonly args: readonly string[]
    readonly env: readonly { readonly name: string; readonly valueFrom?: { readonly secretKeyRef: SecretKey } }[]
    readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
    readonly livenessProbe: Probe
    readonly readinessProbe: Probe
    readonly securityContext: object
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[]
}
interface SecretKey {
    readonly name: string
    readonly key: string
}
interface Pod {
    readonly metadata: { readonly labels: Labels }
    readonly spec: {
        readonly containers: readonly [Container]
        readonly volumes: readonly { readonly name: string; readonly [kind: string]: unknown }[]
    }
}
interface Selector {
    readonly matchLabels: Labels
}
interface Manifest {
    readonly kind: string
    readonly metadata: { readonly name: string; readonly namespace?: string }
    readonly data?: Readonly<Record<string, string>>
    readonly spec: {
        readonly template: Pod
        readonly replicas: number
        /** Of a service, the labels themselves. */
        readonly selector: Selector & Labels
        readonly podSelector: Selector
        readonly minAvailable: number
        readonly ports: readonly { readonly port: number; readonly targetPort: string }[]
        readonly ingress?: readonly { readonly ports: readonly { readonly port: string }[] }[]
    }
}

const read = (file: string) => fs.readFileSync(path.join("deploy/kubernetes", file), "utf8")
const manifests = ["tocsin.yml", "init.yml"].flatMap((file) =>
    parseAllDocuments(read(file)).map((document) => document.toJS() as Manifest),
)
const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind)
const deployments = ofKind("Deployment")
const pods = [...deployments, ...ofKind("Job")].map(({ spec }) => spec.template)
const containers = pods.map(({ spec }) => spec.containers[0])
const config = ofKind("ConfigMap")[0]?.data ?? {}
const guide = fs.readFileSync("docs/operate/install.md", "utf8")
const matches = (labels: Labels, pod: Pod) =>
    Object.entries(labels).every(([name, value]) => pod.metadata.labels[name] === value)

/** Parses the arguments with the real command line, which runs nothing, and returns its flags. */
async function flagsOf([name = "", ...args]: readonly string[]): Promise<Flags> {
    const command = makeCommands({}).commands.find((item) => item.name() === name) ?? expect.unreachable()
    const { promise, resolve } = Promise.withResolvers<Flags>()
    command.action((flags: Flags) => resolve(flags))
    await command.exitOverride().parseAsync([...args], { from: "user" })
    return await promise
}

function settingsOf(flags: Flags) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-kubernetes-"))
    onTestFinished(() => fs.rmSync(folder, { recursive: true }))
    const file = path.join(folder, "settings.json")
    fs.writeFileSync(file, config["settings.json"] ?? "")
    const image = fs.readFileSync("deploy/container/Containerfile", "utf8").matchAll(/(TOCSIN_\w+)=(\S+)/g)
    const env = Object.fromEntries([...image].map(([, name = "", value]) => [name, value]))
    return readSettings(flags, { ...env, TOCSIN_DATABASE_URL: "postgresql://database/tocsin" }, file)
}

test("each role runs apart, at the ports that its settings open, and is probed there", async () => {
    const roles: string[] = []
    for (const { args, ports = [], livenessProbe, readinessProbe } of deployments.map(
        ({ spec }) => spec.template.spec.containers[0],
    )) {
        const settings = settingsOf(await flagsOf(args))
        const opened = { console: settings.consolePort, portal: settings.portalPort } as const
        const { role } = settings
        if (role !== "console" && role !== "portal" && role !== "worker") expect.unreachable(role)
        const http = role === "worker" ? [] : [{ name: "http", containerPort: opened[role] }]
        expect(ports).toEqual([...http, { name: "metrics", containerPort: settings.metricsPort }])
        expect([settings.host, settings.metricsHost]).toEqual(["0.0.0.0", "0.0.0.0"])
        expect(livenessProbe.httpGet).toEqual({ path: "/healthz", port: "metrics" })
        expect(ports.map(({ name }) => name)).toContain(readinessProbe.httpGet.port)
        // Staff must see in the console that a worker is late.
        expect(readinessProbe.httpGet.path).toBe(role === "console" ? "/healthz" : "/readyz")
        roles.push(role)
    }
    expect(roles).toEqual(["console", "portal", "worker"])
})

test("the job creates a program with two people", async () => {
    const [job] = ofKind("Job")
    const people = await flagsOf(job?.spec.template.spec.containers[0].args ?? [])
    expect(people).toMatchObject({ operator: [{ name: "Ada Lind" }, { name: "Bo Karlsen" }] })
})

test("no process is root, writes its files, or gets a right", () => {
    for (const pod of pods) {
        expect(pod.spec).toMatchObject({
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
        })
        expect(pod.spec.containers).toHaveLength(1)
    }
    for (const { securityContext } of containers) {
        expect(securityContext).toEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
        })
    }
    expect(new Set(containers.map(({ image }) => image)).size).toBe(1)
})

test("what settings name is mounted, and only the folders that are written can be written", async () => {
    const { dataDir, keyFile } = settingsOf(await flagsOf(containers[0]?.args ?? []))
    for (const pod of pods) {
        const { volumeMounts } = pod.spec.containers[0]
        const writable = volumeMounts.filter(({ readOnly }) => readOnly !== true).map(({ mountPath }) => mountPath)
        expect(writable.toSorted()).toEqual([path.dirname(keyFile), dataDir, "/tmp"].toSorted())
        expect(volumeMounts.map(({ name }) => name).toSorted()).toEqual(
            pod.spec.volumes.map(({ name }) => name).toSorted(),
        )
    }
    const volumes = pods.map(({ spec }) => JSON.stringify(spec.volumes))
    expect(new Set(volumes).size).toBe(1)
    const known = [...ofKind("ConfigMap"), ...ofKind("PersistentVolumeClaim")].map(({ metadata }) => metadata.name)
    const named = pods[0]?.spec.volumes.flatMap(({ configMap, persistentVolumeClaim }) => [
        ...(configMap ? [(configMap as { name: string }).name] : []),
        ...(persistentVolumeClaim ? [(persistentVolumeClaim as { claimName: string }).claimName] : []),
    ])
    expect(named).toEqual(known)
})

test("the key command prints the secret that the guide creates, without a word more", () => {
    expect(settingsOf({}).keyCommand).toBe("/etc/tocsin/print-key")
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-key-"))
    const [secret, script] = [path.join(folder, "key"), path.join(folder, "print-key")]
    fs.writeFileSync(secret, "ab".repeat(32))
    const text = config["print-key"] ?? ""
    expect(text).toContain("/run/secrets/tocsin/key")
    fs.writeFileSync(script, text.replace("/run/secrets/tocsin/key", secret), { mode: 0o555 })
    expect(execFileSync(script, { encoding: "utf8" })).toBe("ab".repeat(32))
    const [, section = ""] = guide.split("## On Kubernetes")
    expect(section).toContain("create secret generic tocsin")
    for (const key of ["key", "database-url"]) expect(section).toMatch(new RegExp(`--from-(file|literal)=${key}=`))
    for (const { env } of containers) {
        expect(env.map(({ name }) => name)).toEqual(["TOCSIN_SETTINGS", "TOCSIN_DATABASE_URL"])
        expect(env[1]?.valueFrom?.secretKeyRef).toEqual({ name: "tocsin", key: "database-url" })
    }
    fs.rmSync(folder, { recursive: true })
})

test("selectors find the pods that they mean, and all are in one namespace", () => {
    const found = (labels: Labels) => deployments.filter(({ spec }) => matches(labels, spec.template))
    for (const { metadata, spec } of deployments) {
        expect(found(spec.selector.matchLabels).map((manifest) => manifest.metadata.name)).toEqual([metadata.name])
    }
    for (const { metadata, spec } of ofKind("Service")) {
        const [target, ...more] = found(spec.selector)
        expect([target?.metadata.name, more]).toEqual([metadata.name, []])
        const { ports } = target?.spec.template.spec.containers[0] ?? expect.unreachable()
        expect(ports?.find(({ name }) => name === spec.ports[0]?.targetPort)?.containerPort).toBe(spec.ports[0]?.port)
    }
    for (const { spec } of ofKind("PodDisruptionBudget")) {
        // A budget that no pod may leave would stop each drain of a node.
        for (const { spec: deployed } of found(spec.selector.matchLabels)) {
            expect(deployed.replicas).toBeGreaterThan(spec.minAvailable)
        }
    }
    for (const { spec } of ofKind("NetworkPolicy")) {
        for (const port of (spec.ingress ?? []).flatMap(({ ports }) => ports.map((item) => item.port))) {
            const open = found(spec.podSelector.matchLabels).map(({ spec: { template } }) =>
                template.spec.containers[0].ports?.some(({ name }) => name === port),
            )
            expect(open).not.toContain(false)
        }
    }
    const namespaces = manifests.map(({ metadata }) => metadata.namespace ?? metadata.name)
    expect(new Set(namespaces)).toEqual(new Set(["tocsin"]))
})

test("one policy denies all that the others do not allow", () => {
    const [all] = ofKind("NetworkPolicy").filter(({ metadata }) => metadata.name === "tocsin")
    expect(pods.every((pod) => matches(all?.spec.podSelector.matchLabels ?? { none: "" }, pod))).toBe(true)
    expect(all?.spec).toMatchObject({ policyTypes: ["Ingress", "Egress"] })
})
