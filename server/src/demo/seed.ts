/**
 * Seeds the demonstration's program by ordinary actions: people, partners, the agreement, keys, and the first case with
 * signed waves. Only the instants are the story's.
 */
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption"
import type { Instant } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import type { Services } from "../kernel/services.ts"
import { moveDemoClock } from "../platform/time/clock.ts"
import { signApproval, approval } from "../trust/approvals/actions.ts"
import type { ActionContext } from "../kernel/action-context.ts"
import type { Actor, OperatorRole, PartnerRole } from "../kernel/actor.ts"
import { addPerson, issueCredential } from "../trust/identity/actions.ts"
import { acceptAgreement, addAgreement } from "../trust/partners/agreements/actions/accept-agreement.ts"
import { addPartner, setDuties } from "../trust/partners/actions/change-partner.ts"
import { addKey } from "../trust/partners/keys/actions/manage-keys.ts"
import { noteProof } from "../trust/partners/roster/actions/verify-mailbox.ts"
import { proveKey, testCopy } from "../trust/partners/keys/actions/send-test-copy.ts"
import { dutyTable } from "../trust/partners/reporting-duties/reporting-duties.ts"
import { testCodeIn } from "@tocsin/client/test-copy"
import { addArtifact } from "../share/artifacts/actions.ts"
import { addSample } from "../share/artifacts/actions/manage-samples.ts"
import { casesNamed, linkCases, openCase } from "../share/cases/actions.ts"
import type { CaseDetails } from "../share/cases/case.ts"
import { agreeEmbargo } from "../share/cases/actions/negotiate-embargo.ts"
import { installPack } from "../share/entitlement/actions/manage-policies.ts"
import { requestRelease } from "../share/release/actions.ts"
import { planWaves, wavesOf } from "../share/waves/actions.ts"
import { type CastPartner, operators, partners } from "./cast.ts"
import { readContent } from "./content.ts"
import { corpusOf } from "./corpus.ts"
import { obligations, statementsBetween } from "./obligations.ts"
import { settle } from "./settle.ts"
import { type DemoCase, demoCases, toolshell } from "./toolshell.ts"

export interface SeededPerson<Role> {
    readonly person: string
    readonly name: string
    readonly roles: readonly Role[]
    readonly token: string
    /** The secret of a reusable sign-in link, which only a demonstration has. */
    readonly link: string
}

export interface SeededPartner {
    readonly id: string
    readonly cast: CastPartner
    readonly identity: string
    readonly persons: readonly SeededPerson<PartnerRole>[]
}

export interface Seeded {
    readonly operators: readonly SeededPerson<OperatorRole>[]
    readonly partners: readonly SeededPartner[]
}

/** The program is older than its agreements. */
const monthMs = 30 * 86_400_000
/** Two years, as in the agreement. */
const termDays = 730
const system: Actor = { kind: "system", step: "demonstration" }

/** Runs actions at instants of the story, each in its own transaction. */
export function storyOf(services: Services) {
    return <T>(at: Instant, actor: Actor, work: (ctx: ActionContext) => Promise<T>): Promise<T> =>
        services.db.transaction((tx) => work({ tx, now: at, actor, services }))
}

export type Story = ReturnType<typeof storyOf>

/** Seeds the program. */
export async function seed(services: Services, start: Instant): Promise<Seeded> {
    const story = storyOf(services)
    const terms = partners.flatMap(({ agreement }) => (agreement ? [agreement] : []))
    const founded = Math.min(...terms.map((term) => term.acceptedAt)) - monthMs
    await story(founded, system, (ctx) => moveDemoClock(ctx.tx, founded))
    const people = await seedOperators(story, founded)
    const manager = actorWith(people, "manager")
    await story(founded, manager, (ctx) => addAgreement(ctx, readContent("agreement.md"), termDays, obligations))
    await story(founded, manager, installPack)
    const members: SeededPartner[] = []
    for (const cast of partners) members.push(await seedPartner(story, { founded, start }, manager, cast))
    for (const partner of members) await seedStatements(story, start, partner)
    await seedCase(services, people, toolshell)
    await story(start, system, (ctx) => moveDemoClock(ctx.tx, start))
    await settle(services)
    return { operators: people, partners: members }
}

async function seedOperators(story: Story, at: Instant): Promise<SeededPerson<OperatorRole>[]> {
    const people: SeededPerson<OperatorRole>[] = []
    for (const { name, mail, roles } of operators) {
        people.push(
            await story(at, system, async (ctx) => {
                const person = await addPerson(ctx, { partner: null, name, mail, roles })
                return { person, name, roles, ...(await secretsOf(ctx, person)) }
            }),
        )
    }
    return people
}

async function secretsOf(ctx: ActionContext, person: string): Promise<{ token: string; link: string }> {
    return {
        token: await issueCredential(ctx, person, "token"),
        link: await issueCredential(ctx, person, "link", true),
    }
}

/** The partner's key is of this year, because an older one would have expired. */
async function seedPartner(
    story: Story,
    { founded: at, start }: { readonly founded: Instant; readonly start: Instant },
    manager: Actor,
    cast: CastPartner,
): Promise<SeededPartner> {
    const { name, mail, tier, standing } = cast
    const id = await story(at, manager, (ctx) => addPartner(ctx, { name, mail, tier, standing }))
    const persons: SeededPerson<PartnerRole>[] = []
    for (const { name: value, mail: to, roles } of cast.persons) {
        persons.push(
            await story(at, system, async (ctx) => {
                const person = await addPerson(ctx, { partner: id, name: value, mail: to, roles })
                return { person, name: value, roles, ...(await secretsOf(ctx, person)) }
            }),
        )
    }
    const lead = memberActor(id, persons, "lead")
    const identity = await generateX25519Identity()
    const recipient = await identityToRecipient(identity)
    const keyAt = Math.max(at, start - 6 * monthMs)
    await story(keyAt, lead, async (ctx) => {
        const { id: key } = await addKey(ctx, recipient)
        if (cast.plays === "prompt") await openTestCopy(ctx, key, identity)
    })
    if (cast.duties.length > 0) {
        const duties = cast.duties.flatMap(({ regime, ...rest }) =>
            dutyTable.filter((duty) => duty.regime === regime).map((duty) => ({ ...duty, ...rest })),
        )
        await story(at, manager, (ctx) => setDuties(ctx, id, duties))
    }
    const accepted = cast.agreement?.acceptedAt
    if (accepted !== undefined) await story(accepted, lead, (ctx) => acceptAgreement(ctx, 1))
    return { id, cast, identity, persons }
}

/** Opens the test copy as the owner of the identity does. */
async function openTestCopy(ctx: ActionContext, key: string, identity: string): Promise<void> {
    const age = new Decrypter()
    age.addIdentity(identity)
    const text = await age.decrypt((await testCopy(ctx, key)).bytes, "text")
    await proveKey(ctx, key, testCodeIn(text) ?? "")
}

/** Gives the partner's reports and attestations in time, and verifies its mailbox. */
async function seedStatements(story: Story, start: Instant, { id, cast, persons }: SeededPartner): Promise<void> {
    const lead = memberActor(id, persons, "lead")
    if (!cast.agreement) return
    const { acceptedAt, endsAt } = cast.agreement
    for (const { at, give } of statementsBetween(acceptedAt, Math.min(endsAt, start))) await story(at, lead, give)
    await story(start - monthMs, system, (ctx) => noteProof(ctx, id))
}

/** Opens a case as its author and has its waves signed, so that the clock releases them. */
export async function seedCase(
    services: Services,
    people: readonly SeededPerson<OperatorRole>[],
    demoCase: DemoCase,
): Promise<void> {
    const story = storyOf(services)
    const author = actorWith(people, "author")
    const id = await story(demoCase.openedAt, author, (ctx) => openCase(ctx, detailsOf(demoCase)))
    await story(demoCase.openedAt, author, (ctx) => agreeEmbargo(ctx, id, demoCase.publication))
    for (const { kind, to } of demoCase.links) {
        await story(demoCase.openedAt, author, async (ctx) => {
            for (const other of await idsOf(ctx, to)) await linkCases(ctx, id, other, kind)
        })
    }
    for (const { class: kind, name, tlp, pap, file } of demoCase.artifacts) {
        const artifact = { case: id, class: kind, name, tlp, pap, content: readContent(file) }
        const added = await story(demoCase.openedAt, author, (ctx) => addArtifact(ctx, artifact))
        for (const sample of corpusOf(file))
            await story(demoCase.openedAt, author, (ctx) => addSample(ctx, added, sample))
    }
    await story(demoCase.openedAt, author, (ctx) => planWaves(ctx, id))
    await signWaves(story, demoCase.openedAt, people, id)
}

/** Lists the ids of a case of the story; none before it is opened. */
export async function idsOf(ctx: ActionContext, key: DemoCase["key"]): Promise<string[]> {
    const cve = demoCases.find((demoCase) => demoCase.key === key)?.cves[0]
    return cve === undefined ? [] : await casesNamed(ctx, cve.id)
}

async function signWaves(
    story: Story,
    at: Instant,
    people: readonly SeededPerson<OperatorRole>[],
    id: string,
): Promise<void> {
    const author = actorWith(people, "author")
    const signer = actorWith(people, "approver")
    for (const wave of await story(at, author, (ctx) => wavesOf(ctx, id))) {
        const request = await story(at, author, (ctx) => requestRelease(ctx, wave.id)).catch(nobodyGains)
        if (request === null) continue
        await story(at, signer, async (ctx) => signApproval(ctx, request, (await approval(ctx, request)).effectsHash))
    }
}

/** A later wave can have no recipients left by now. It then stays unsigned. */
function nobodyGains(error: unknown): null {
    if (error instanceof Refusal && error.code === "release.no_recipients") return null
    throw error
}

/** Builds the facts of a case as its author enters them. */
export function detailsOf(demoCase: DemoCase): CaseDetails {
    return {
        title: demoCase.title,
        finder: demoCase.finder,
        vulnerabilities: demoCase.cves.map(({ id, weakness, cvss, corrected }) => ({
            cve: id,
            cwe: weakness.id,
            ...cvss,
            products: corrected.map(({ product, build }) => ({ vendor: "Microsoft", name: product, fixedIn: build })),
        })),
    }
}

/** Returns the first person with the role, preferably a non-author. */
export function actorWith(people: readonly SeededPerson<OperatorRole>[], role: OperatorRole): Actor {
    const found =
        people.find(({ roles }) => roles.includes(role) && (role === "author" || !roles.includes("author"))) ??
        people.find(({ roles }) => roles.includes(role))
    if (!found) throw new Error(`the cast has no ${role}`)
    return { kind: "operator", person: found.person, roles: found.roles }
}

/** Returns a partner's person with the role. */
export function memberActor(partner: string, persons: readonly SeededPerson<PartnerRole>[], role: PartnerRole): Actor {
    const found = persons.find(({ roles }) => roles.includes(role))
    if (!found) throw new Error(`the cast of this partner has no ${role}`)
    return { kind: "partner", partner, person: found.person, roles: found.roles }
}
