/** A small program for tests: partners with keys, a case with real texts, a released wave, and fetched copies. */
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption"
import { readContent } from "../../server/src/demo/content.ts"
import { type Instant, parseInstant } from "@tocsin/base/instant"
import type { Services } from "../../server/src/kernel/services.ts"
import { openPolicyEngine } from "../../server/src/platform/policy/engine.ts"
import { addArtifact } from "../../server/src/share/artifacts/actions/add-artifact.ts"
import type { ArtifactClass } from "../../server/src/share/artifacts/artifact.ts"
import { openCase } from "../../server/src/share/cases/actions/open-case.ts"
import { agreeEmbargo } from "../../server/src/share/cases/actions/negotiate-embargo.ts"
import { fetchCopy } from "../../server/src/share/delivery/actions/fetch-copy.ts"
import { aliasFor } from "../../server/src/share/delivery/actions/resolve-alias.ts"
import { installPack } from "../../server/src/share/entitlement/actions/manage-policies.ts"
import { planWaves, listWaves } from "../../server/src/share/waves/actions.ts"
import type { WaveTier } from "../../server/src/share/waves/wave.ts"
import { loadApproval } from "../../server/src/trust/approvals/actions/load-approvals.ts"
import { signApproval } from "../../server/src/trust/approvals/actions/request-approval.ts"
import { type ActionContext, record } from "../../server/src/kernel/action-context.ts"
import type { Actor } from "../../server/src/kernel/actor.ts"
import { acceptAgreement, addAgreement } from "../../server/src/trust/partners/agreements/actions/accept-agreement.ts"
import { addPartner } from "../../server/src/trust/partners/actions/change-partner.ts"
import { addKey } from "../../server/src/trust/partners/keys/actions/manage-keys.ts"
import type { Tier } from "../../server/src/trust/partners/partner.ts"
import { type Acting, actingOn, createPartnerMember, createStaffMember, system, testServices } from "./actors.ts"
import { releaseWaveWithoutEvent } from "./change-notes.ts"
import { type TestDatabase, createDatabase } from "./database.ts"

type TestPerson = Actor & { readonly person: string }

export interface TestPartner {
    readonly id: string
    readonly lead: TestPerson
    readonly analyst: TestPerson
    readonly identity: string
}

export interface Program {
    readonly database: TestDatabase
    readonly services: Services
    readonly clock: { now: Instant }
    readonly acting: Acting
    readonly manager: TestPerson
    readonly approver: TestPerson
    readonly author: TestPerson
    readonly investigator: TestPerson
}

/** The agreement's obligations. */
export const obligation = {
    id: "2.2",
    kind: "no_onward_disclosure_before_publication",
    text: "Nothing of a warning leaves the roster.",
} as const

/** 23 June 2025: two and a half weeks before the case's publication. */
export async function createProgram(more: Partial<Pick<Services, "canaryZone">> = {}): Promise<Program> {
    const database = await createDatabase()
    const clock = { now: parseInstant("2025-06-23T00:00:00Z") }
    const services = { ...testServices(database, clock), policy: openPolicyEngine(), ...more }
    const acting = actingOn(services, clock)
    const manager = await createStaffMember(acting, ["manager"])
    const approver = await createStaffMember(acting, ["approver"])
    const author = await createStaffMember(acting, ["author"])
    const investigator = await createStaffMember(acting, ["investigator"])
    await acting(manager, installPack)
    await acting(manager, (ctx) => addAgreement(ctx, "Keep it to yourselves. ".repeat(10), null, [obligation]))
    return { database, services, clock, acting, manager, approver, author, investigator }
}

/** Adds an active partner with an accepted agreement and an active key, which it had before its admission. */
export async function newPartner({ acting, manager, clock }: Program, tier: Tier): Promise<TestPartner> {
    const details = { name: `A partner of ${tier}`, mail: "psirt@partner.example", tier, status: "invited" } as const
    const id = await acting(manager, (ctx) => addPartner(ctx, details))
    const lead = await createPartnerMember(acting, id, ["lead"])
    const analyst = await createPartnerMember(acting, id, ["analyst"])
    const identity = await generateX25519Identity()
    const recipient = await identityToRecipient(identity)
    await acting(lead, (ctx) => acceptAgreement(ctx, 1))
    await acting(lead, (ctx) => addKey(ctx, recipient))
    await acting(system, (ctx) => storeAdmission(ctx, id))
    clock.now += 1
    return { id, lead, analyst, identity }
}

/** Stores that two staff members admitted a partner, as if it had been active from the beginning. */
async function storeAdmission(ctx: ActionContext, partner: string): Promise<void> {
    await ctx.tx.query(`update partner_facts set value = '"active"' where partner_id = $1 and fact = 'status'`, [
        partner,
    ])
    await record(ctx, { kind: "partner.status_changed", partner, was: "invited", status: "active", from: ctx.now })
}

const cves = { toolshell: "CVE-2025-49704", bypass: "CVE-2025-53770" } as const

/** Opens a case of the demonstration, under embargo until 8 July by default, with scheduled waves. */
export async function newCase(
    { acting, author }: Program,
    caseKey: keyof typeof cves,
    endsAt = parseInstant("2025-07-08T17:00:00Z"),
): Promise<string> {
    const vulnerabilities = [
        {
            cve: cves[caseKey],
            cwe: "CWE-94",
            products: [],
            score: 8.8,
            vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
        },
    ]
    return await acting(author, async (ctx) => {
        const id = await openCase(ctx, { title: caseKey, vulnerabilities, finder: "somebody" })
        await agreeEmbargo(ctx, id, endsAt)
        await planWaves(ctx, id)
        return id
    })
}

/** Adds an artifact from one of the demonstration's files, like `toolshell/technical.md`. */
export async function newArtifact(world: Program, caseId: string, kind: ArtifactClass, file: string): Promise<string> {
    const labels = { tlp: "RED", pap: "RED" } as const
    const name = file.slice(file.lastIndexOf("/") + 1)
    const artifact = { case: caseId, class: kind, ...labels, name, content: readContent(file) }
    return await world.acting(world.author, (ctx) => addArtifact(ctx, artifact))
}

/** Releases the wave now, with the first version of these artifacts. */
export async function releaseWaveNow(
    world: Program,
    caseId: string,
    tier: WaveTier,
    artifacts: readonly string[],
): Promise<void> {
    await world.acting(system, async (ctx) => {
        const wave = (await listWaves(ctx, caseId)).find((wave) => wave.tier === tier)
        if (!wave) throw new Error("no such wave")
        await releaseWaveWithoutEvent(
            ctx,
            wave,
            artifacts.map((artifact) => ({ artifact, version: 1 })),
        )
    })
}

/** Returns the partner's copy: fetched by its analyst, opened with its key. */
export async function fetchCopyText(world: Program, partner: TestPartner, artifact: string): Promise<string> {
    const name = aliasFor(world.services.keys, partner.id, "artifact", artifact)
    const { bytes } = await world.acting(partner.analyst, (ctx) => fetchCopy(ctx, name))
    const age = new Decrypter()
    age.addIdentity(partner.identity)
    return await age.decrypt(bytes, "text")
}

/** Signs an approval as the second person. */
export async function signAsApprover({ acting, approver }: Program, id: string, by: Actor = approver): Promise<void> {
    const { effectsHash } = await acting(by, (ctx) => loadApproval(ctx, id))
    await acting(by, (ctx) => signApproval(ctx, id, effectsHash))
}

/** Forgets earlier attributions, for tests with many leaks of one version. */
export async function deleteTracingBudgets({ database }: Program): Promise<void> {
    await database.db.transaction(async (tx) => {
        await tx.query("delete from tracing_budgets")
        await tx.query("delete from access_changes where kind = 'spent_budget'")
    })
}
