/**
 * The measured program: a private PostgreSQL that writes to disk, a thousand partners, one case with an artifact of
 * each class, and its first wave released. All are created by the usual actions.
 */
import { randomBytes } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { readContent } from "../server/src/demo/content.ts"
import { memberActor } from "../server/src/demo/seed.ts"
import { dayMs } from "@tocsin/base/instant"
import { databaseClock } from "../server/src/platform/time/clock.ts"
import type { Services } from "../server/src/kernel/services.ts"
import { keyBytes } from "../server/src/platform/crypto/keys.ts"
import { openLog } from "../server/src/platform/log/log.ts"
import { startPostgres } from "../server/src/platform/postgres/postgres.ts"
import { buildServices, openMigrated } from "../server/src/commands/services.ts"
import { addArtifact } from "../server/src/share/artifacts/actions/add-artifact.ts"
import { type ArtifactClass, artifactClasses } from "../server/src/share/artifacts/artifact.ts"
import { openCase } from "../server/src/share/cases/actions/open-case.ts"
import { agreeEmbargo } from "../server/src/share/cases/actions/negotiate-embargo.ts"
import { aliasFor } from "../server/src/share/delivery/actions/resolve-alias.ts"
import { installPack } from "../server/src/share/entitlement/actions/manage-policies.ts"
import { releaseWavesJob, requestRelease } from "../server/src/share/release/actions/release-wave.ts"
import { planWaves, listWaves } from "../server/src/share/waves/actions.ts"
import { loadApproval } from "../server/src/trust/approvals/actions/load-approvals.ts"
import { signApproval } from "../server/src/trust/approvals/actions/request-approval.ts"
import type { ActionContext } from "../server/src/kernel/action-context.ts"
import type { Actor, OperatorRole } from "../server/src/kernel/actor.ts"
import { addPerson } from "../server/src/trust/identity/actions/manage-people.ts"
import { issueCredential } from "../server/src/trust/identity/actions/sign-in.ts"
import { acceptAgreement, addAgreement } from "../server/src/trust/partners/agreements/actions/accept-agreement.ts"
import { addPartner, setDuties } from "../server/src/trust/partners/actions/change-partner.ts"
import { addKey } from "../server/src/trust/partners/keys/actions/manage-keys.ts"
import { dutyTable } from "../server/src/trust/partners/reporting-duties/reporting-duties.ts"
import { type Tier, tiers } from "../server/src/trust/partners/partner.ts"

/** The number of partners with a key and a token, all of the tier `validate`. */
export const fetchersCount = 32
const partnersCount = 1000
const markdownBytes = 20 * 1024
const largeChars = 1_000_000

export interface Fetcher {
    readonly id: string
    readonly token: string
    /** Paths of the partner's copies: 20 KB of Markdown, and an artifact of maximum size. */
    readonly copy: string
    readonly large: string
}

/** The running servers, with any content. */
export interface RunningProgram {
    readonly services: Services
    readonly databaseUrl: string
    acting<T>(actor: Actor, work: (ctx: ActionContext) => Promise<T>): Promise<T>
    stop(): Promise<void>
}

export interface BenchProgram extends RunningProgram {
    readonly keyEncryptionKey: Buffer
    readonly case: string
    readonly artifacts: Readonly<Record<ArtifactClass, string>>
    readonly fetchers: readonly Fetcher[]
    readonly investigator: { readonly token: string }
    readonly author: Actor
    readonly approver: Actor
}

export const system: Actor = { kind: "system", component: "bench" }

export async function startProgram(): Promise<BenchProgram> {
    return await startProgramWith(createProgram)
}

export async function startProgramWith<T>(
    createContent: (services: Services) => Promise<T>,
): Promise<T & RunningProgram & Pick<BenchProgram, "keyEncryptionKey">> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-bench-"))
    const log = openLog("error")
    const postgres = await startPostgres(folder, { log })
    const stop = async () => {
        await postgres.stop()
        fs.rmSync(folder, { recursive: true, force: true })
    }
    try {
        const keyEncryptionKey = randomBytes(keyBytes)
        const { db, keys } = await openMigrated(postgres.url, keyEncryptionKey, log)
        const services = buildServices(db, {
            keys,
            clock: databaseClock,
            log,
            mail: { send: async () => undefined },
            receiptsIntervalMs: 60_000,
        })
        const content = await createContent(services)
        return {
            ...content,
            services,
            databaseUrl: postgres.url,
            keyEncryptionKey,
            acting: actingOn(services),
            stop: async () => {
                await services.db.close()
                await stop()
            },
        }
    } catch (error) {
        await stop()
        throw error
    }
}

function actingOn(services: Services): BenchProgram["acting"] {
    return (actor, work) =>
        services.db.transaction(async (tx) => await work({ tx, now: await services.clock.now(tx), actor, services }))
}

async function createProgram(services: Services) {
    const acting = actingOn(services)
    const people = {
        author: await acting(system, (ctx) => addOperator(ctx, "author")),
        manager: await acting(system, (ctx) => addOperator(ctx, "manager")),
        approver: await acting(system, (ctx) => addOperator(ctx, "approver")),
        investigator: await acting(system, (ctx) => addOperator(ctx, "investigator")),
    }
    const partnersWithKeys = await createPartners(services, people.manager, partnersCount)
    const { id, artifacts } = await acting(people.author, openMeasuredCase)
    await acting(people.author, (ctx) => signFirstWave(ctx, people.approver, id))
    await releaseWavesJob.run(services)
    const path = (partner: string, kind: ArtifactClass) =>
        `/api/artifacts/${aliasFor(services.keys, partner, "artifact", artifacts[kind])}/copy`
    return {
        case: id,
        artifacts,
        author: people.author,
        approver: people.approver,
        fetchers: partnersWithKeys.map((item) => ({
            ...item,
            copy: path(item.id, "technical"),
            large: path(item.id, "indicators"),
        })),
        investigator: { token: await acting(people.investigator, (ctx) => createToken(ctx, people.investigator)) },
    }
}

/** Adds the shipped policies, an agreement, and partners. */
export async function createPartners(services: Services, manager: Actor, count: number) {
    const acting = actingOn(services)
    await acting(manager, installPack)
    await acting(manager, (ctx) => addAgreement(ctx, readContent("agreement.md"), 365))
    return await acting(manager, (ctx) => addPartners(ctx, count))
}

type StaffActor = Actor & { readonly person: string }

export async function addOperator(ctx: ActionContext, role: OperatorRole): Promise<StaffActor> {
    const details = { partner: null, name: `The ${role}`, mail: `${role}@operator.example`, roles: [role] }
    return { kind: "operator", person: await addPerson(ctx, details), roles: [role] }
}

async function createToken(ctx: ActionContext, { person }: StaffActor): Promise<string> {
    return await issueCredential(ctx, person, "token")
}

/** Adds active partners of every tier with the agreement accepted; some have duties. */
async function addPartners(ctx: ActionContext, count: number): Promise<{ id: string; token: string }[]> {
    const partnersWithKeys: { id: string; token: string }[] = []
    for (let n = 0; n < count; n++) {
        const fetches = n < fetchersCount
        const tier: Tier = fetches ? "validate" : (tiers[n % tiers.length] ?? "entry")
        const name = `Partner ${n}`
        const id = await addPartner(ctx, { name, mail: `p${n}@partner.example`, tier, status: "active" })
        const person = { partner: id, name: `Lead of ${name}`, mail: `lead@p${n}.example`, roles: ["lead"] as const }
        const member = { person: await addPerson(ctx, person), name, roles: person.roles, token: "", link: "" }
        const lead = { ...ctx, actor: memberActor(id, [member], "lead") }
        await acceptAgreement(lead, 1)
        if (!fetches && n % 3 === 0) await setDuties(ctx, id, dutyTable)
        if (!fetches) continue
        await addKey(lead, await identityToRecipient(await generateX25519Identity()))
        partnersWithKeys.push({ id, token: await issueCredential(ctx, member.person, "token") })
    }
    return partnersWithKeys
}

async function openMeasuredCase(
    ctx: ActionContext,
): Promise<{ id: string; artifacts: Readonly<Record<ArtifactClass, string>> }> {
    const vulnerabilities = [
        {
            cve: "CVE-2025-49704",
            cwe: "CWE-94",
            products: [],
            score: 8.8,
            vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
        },
    ]
    const id = await openCase(ctx, { title: "The case that is measured", vulnerabilities, finder: "us" })
    await agreeEmbargo(ctx, id, ctx.now + 13 * dayMs)
    const artifacts: Partial<Record<ArtifactClass, string>> = {}
    for (const artifactClass of artifactClasses) {
        const [name, content] =
            artifactClass === "indicators" ? ["indicators.csv", largeText()] : [`${artifactClass}.md`, markdownText()]
        artifacts[artifactClass] = await addArtifact(ctx, {
            case: id,
            class: artifactClass,
            tlp: "RED",
            pap: "RED",
            name,
            content,
        })
    }
    await planWaves(ctx, id)
    return { id, artifacts: artifacts as Readonly<Record<ArtifactClass, string>> }
}

/** Approves the due wave of the tier `validate`, which the worker then releases. */
export async function signFirstWave(ctx: ActionContext, approver: StaffActor, id: string): Promise<void> {
    const wave = (await listWaves(ctx, id)).find(({ tier }) => tier === "validate")
    if (!wave) throw new Error("no wave was planned")
    const request = await requestRelease(ctx, wave.id)
    const signing = { ...ctx, actor: approver }
    await signApproval(signing, request, (await loadApproval(signing, request)).effectsHash)
}

/** 20 KB of the demonstration's prose. */
export function markdownText(): string {
    const files = ["toolshell/technical.md", "toolshell/guidance.md", "bypass/technical.md", "toolshell/summary.md"]
    const text = files.map(readContent).join("\n")
    if (Buffer.byteLength(text) < markdownBytes) throw new Error("the demonstration's texts have become too short")
    return Buffer.from(text).subarray(0, markdownBytes).toString("utf8").replace(/\S*$/, "")
}

/** The largest artifact, of a kind without marks, in characters of three bytes. */
function largeText(): string {
    return "測".repeat(largeChars - 100)
}
