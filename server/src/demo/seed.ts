/**
 * Seeds the demonstration's program by ordinary actions: people, partners, the agreement, keys, and the first case with
 * signed waves. Only the instants are the story's.
 */
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption"
import type { Instant } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import type { Services } from "../kernel/services.ts"
import { moveDemoClock } from "../platform/time/clock.ts"
import { signApproval } from "../trust/approvals/actions/request-approval.ts"
import { loadApproval } from "../trust/approvals/actions/load-approvals.ts"
import type { ActionContext } from "../kernel/action-context.ts"
import type { Actor, OperatorRole, PartnerRole } from "../kernel/actor.ts"
import { addPerson } from "../trust/identity/actions/manage-people.ts"
import { issueCredential } from "../trust/identity/actions/sign-in.ts"
import { acceptAgreement, addAgreement } from "../trust/partners/agreements/actions/accept-agreement.ts"
import { addPartner, setDuties } from "../trust/partners/actions/change-partner.ts"
import { addKey } from "../trust/partners/keys/actions/manage-keys.ts"
import { recordMailboxProof } from "../trust/partners/roster/actions/verify-mailbox.ts"
import { verifyTestCode, createTestCopy } from "../trust/partners/keys/actions/send-test-copy.ts"
import { dutyTable } from "../trust/partners/reporting-duties/reporting-duties.ts"
import { parseTestCode } from "@tocsin/client/test-copy"
import { addArtifact } from "../share/artifacts/actions/add-artifact.ts"
import { addSample } from "../share/artifacts/actions/manage-samples.ts"
import { listCasesByCve } from "../share/cases/actions/load-case.ts"
import { linkCases } from "../share/cases/actions/link-cases.ts"
import { openCase } from "../share/cases/actions/open-case.ts"
import type { CaseDetails } from "../share/cases/case.ts"
import { agreeEmbargo } from "../share/cases/actions/negotiate-embargo.ts"
import { installPack } from "../share/entitlement/actions/manage-policies.ts"
import { requestRelease } from "../share/release/actions/release-wave.ts"
import { planWaves, listWaves } from "../share/waves/actions.ts"
import { type CastPartner, operators, partners } from "./cast.ts"
import { readContent } from "./content.ts"
import { samplesOf } from "./samples.ts"
import { obligations, statementsBetween } from "./obligations.ts"
import { sendRequirementNotices } from "./send-requirement-notices.ts"
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
    readonly people: readonly SeededPerson<PartnerRole>[]
}

/** A partner that acts when the clock moves, but has no credentials to print. */
export interface ExtraPartner {
    readonly id: string
    readonly cast: Pick<CastPartner, "pace" | "minutesAfterWave" | "reports">
    readonly people: readonly StoryPerson<PartnerRole>[]
}

export interface SeededProgram {
    readonly operators: readonly SeededPerson<OperatorRole>[]
    readonly partners: readonly SeededPartner[]
    readonly extras?: readonly ExtraPartner[]
}

/** A person as the story acts with it. */
export type StoryPerson<Role> = Pick<SeededPerson<Role>, "person" | "roles">

/** One event of the story. */
export interface Scene {
    readonly at: Instant
    readonly run: () => Promise<unknown>
}

/** A past of the program, played together with the scenes of the seed. */
export interface History {
    /** When the partners of the cast add their keys. */
    readonly keysAt: Instant
    play(services: Services, program: SeededProgram, scenes: readonly Scene[]): Promise<readonly ExtraPartner[]>
}

/** The program is older than its agreements. */
const monthMs = 30 * 86_400_000
/** Two years, as in the agreement. */
const termDays = 730
const system: Actor = { kind: "system", component: "demonstration" }

/** Runs actions at instants of the story, each in its own transaction. */
export function storyOf(services: Services) {
    return <T>(at: Instant, actor: Actor, work: (ctx: ActionContext) => Promise<T>): Promise<T> =>
        services.db.transaction((tx) => work({ tx, now: at, actor, services }))
}

export type Story = ReturnType<typeof storyOf>

/** Seeds the program, with its history where there is one. */
export async function seed(services: Services, start: Instant, history?: History): Promise<SeededProgram> {
    const story = storyOf(services)
    const terms = partners.flatMap(({ agreement }) => (agreement ? [agreement] : []))
    const foundedAt = Math.min(...terms.map((term) => term.acceptedAt)) - monthMs
    await story(foundedAt, system, (ctx) => moveDemoClock(ctx.tx, foundedAt))
    const people = await seedOperators(story, foundedAt)
    const manager = actorWith(people, "manager")
    await story(foundedAt, manager, (ctx) => addAgreement(ctx, readContent("agreement.md"), termDays, obligations))
    await story(foundedAt, manager, installPack)
    const members: SeededPartner[] = []
    for (const cast of partners) members.push(await seedPartner(story, foundedAt, manager, cast))
    const keysAt = Math.max(foundedAt, history?.keysAt ?? start - 6 * monthMs)
    const scenes = [
        ...members.flatMap((partner) => scenesOf(story, { keysAt, start }, partner)),
        { at: toolshell.openedAt, run: () => seedCase(services, people, toolshell) },
    ]
    const program = { operators: people, partners: members }
    const extras = (await history?.play(services, program, scenes)) ?? []
    if (history === undefined) for (const scene of inOrder(scenes)) await scene.run()
    await story(start, system, (ctx) => moveDemoClock(ctx.tx, start))
    await sendRequirementNotices(services)
    return extras.length === 0 ? program : { ...program, extras }
}

/** Sorts scenes by their instants. */
export function inOrder(scenes: readonly Scene[]): Scene[] {
    return scenes.toSorted((a, b) => a.at - b.at)
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
        link: await issueCredential(ctx, person, "link", { reusable: true }),
    }
}

async function seedPartner(story: Story, at: Instant, manager: Actor, cast: CastPartner): Promise<SeededPartner> {
    const { name, mail, tier, status } = cast
    const id = await story(at, manager, (ctx) => addPartner(ctx, { name, mail, tier, status }))
    const people: SeededPerson<PartnerRole>[] = []
    for (const { name: personName, mail: personMail, roles } of cast.people) {
        people.push(
            await story(at, system, async (ctx) => {
                const person = await addPerson(ctx, { partner: id, name: personName, mail: personMail, roles })
                return { person, name: personName, roles, ...(await secretsOf(ctx, person)) }
            }),
        )
    }
    await seedDuties(story, { at, manager }, id, cast.duties)
    return { id, cast, identity: await generateX25519Identity(), people }
}

/** Sets the reporting duties of a partner, as its due diligence found them. */
export async function seedDuties(
    story: Story,
    { at, manager }: { readonly at: Instant; readonly manager: Actor },
    partner: string,
    found: CastPartner["duties"],
): Promise<void> {
    if (found.length === 0) return
    const duties = found.flatMap(({ regime, ...rest }) =>
        dutyTable.filter((duty) => duty.regime === regime).map((duty) => ({ ...duty, ...rest })),
    )
    await story(at, manager, (ctx) => setDuties(ctx, partner, duties))
}

/** Lists a partner's scenes before the start: its key, its agreement, and its reports and attestations in time. */
function scenesOf(
    story: Story,
    { keysAt, start }: { readonly keysAt: Instant; readonly start: Instant },
    { id, cast, identity, people }: SeededPartner,
): Scene[] {
    const lead = memberActor(id, people, "lead")
    const key = { at: keysAt, run: () => seedKey(story, { at: keysAt, lead }, identity, cast.pace === "prompt") }
    return cast.agreement === null
        ? [key]
        : [key, ...agreementScenes(story, { ...cast.agreement, start }, () => ({ id, lead }))]
}

export interface AgreementSpan {
    readonly acceptedAt: Instant
    readonly endsAt: Instant
    readonly start: Instant
}

/** Accepts the agreement, and meets the requirements that follow from it. `member` is read when a scene runs. */
export function agreementScenes(
    story: Story,
    { acceptedAt, endsAt, start }: AgreementSpan,
    member: () => { readonly id: string; readonly lead: Actor },
): Scene[] {
    const statements = statementsBetween(acceptedAt, Math.min(endsAt, start))
    const mailboxAt = Math.max(acceptedAt, start - monthMs)
    return [
        { at: acceptedAt, run: () => story(acceptedAt, member().lead, (ctx) => acceptAgreement(ctx, 1)) },
        ...statements.map(({ at, submit }) => ({ at, run: () => story(at, member().lead, submit) })),
        { at: mailboxAt, run: () => story(mailboxAt, system, (ctx) => recordMailboxProof(ctx, member().id)) },
    ]
}

/** Adds a lead's key, and opens its test copy where it tests it. */
export async function seedKey(
    story: Story,
    { at, lead }: { readonly at: Instant; readonly lead: Actor },
    identity: string,
    isTested: boolean,
): Promise<void> {
    const recipient = await identityToRecipient(identity)
    await story(at, lead, async (ctx) => {
        const { id: key } = await addKey(ctx, recipient)
        if (isTested) await openTestCopy(ctx, key, identity)
    })
}

/** Opens the test copy as the identity's owner would. */
async function openTestCopy(ctx: ActionContext, key: string, identity: string): Promise<void> {
    const age = new Decrypter()
    age.addIdentity(identity)
    const text = await age.decrypt((await createTestCopy(ctx, key)).bytes, "text")
    await verifyTestCode(ctx, key, parseTestCode(text) ?? "")
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
            for (const otherCase of await listCaseIds(ctx, to)) await linkCases(ctx, id, otherCase, kind)
        })
    }
    for (const { class: kind, name, tlp, pap, file } of demoCase.artifacts) {
        const artifact = { case: id, class: kind, name, tlp, pap, content: readContent(file) }
        const artifactId = await story(demoCase.openedAt, author, (ctx) => addArtifact(ctx, artifact))
        for (const sample of samplesOf(file))
            await story(demoCase.openedAt, author, (ctx) => addSample(ctx, artifactId, sample))
    }
    await story(demoCase.openedAt, author, (ctx) => planWaves(ctx, id))
    await signWaves(story, demoCase.openedAt, people, id)
}

/** Lists the ids of a case of the story; none before it is opened. */
export async function listCaseIds(ctx: ActionContext, key: DemoCase["key"]): Promise<string[]> {
    const cve = demoCases.find((demoCase) => demoCase.key === key)?.cves[0]
    return cve === undefined ? [] : await listCasesByCve(ctx, cve.id)
}

/** Requests the release of each wave of the case, and signs it by another person. */
export async function signWaves(
    story: Story,
    at: Instant,
    people: readonly StoryPerson<OperatorRole>[],
    id: string,
): Promise<void> {
    const author = actorWith(people, "author")
    const signer = actorWith(people, "approver")
    for (const wave of await story(at, author, (ctx) => listWaves(ctx, id))) {
        const approvalId = await story(at, author, (ctx) => requestRelease(ctx, wave.id)).catch(nullIfNoRecipients)
        if (approvalId === null) continue
        await story(at, signer, async (ctx) =>
            signApproval(ctx, approvalId, (await loadApproval(ctx, approvalId)).effectsHash),
        )
    }
}

/** A later wave can have no recipients left by now. It then stays unsigned. */
function nullIfNoRecipients(error: unknown): null {
    if (error instanceof Refusal && error.code === "release.no_recipients") return null
    throw error
}

/** Builds the facts of a case as its author enters them. */
export function detailsOf(demoCase: DemoCase): CaseDetails {
    return {
        title: demoCase.title,
        finder: demoCase.finder,
        vulnerabilities: demoCase.cves.map(({ id, weakness, cvss, fixedBuilds }) => ({
            cve: id,
            cwe: weakness.id,
            ...cvss,
            products: fixedBuilds.map(({ product, build }) => ({ vendor: "Microsoft", name: product, fixedIn: build })),
        })),
    }
}

/** Returns the first person with the role, preferably a non-author. */
export function actorWith(people: readonly StoryPerson<OperatorRole>[], role: OperatorRole): Actor {
    const found =
        people.find(({ roles }) => roles.includes(role) && (role === "author" || !roles.includes("author"))) ??
        people.find(({ roles }) => roles.includes(role))
    if (!found) throw new Error(`the cast has no ${role}`)
    return { kind: "operator", person: found.person, roles: found.roles }
}

/** Returns a partner's person with the role. */
export function memberActor(partner: string, people: readonly StoryPerson<PartnerRole>[], role: PartnerRole): Actor {
    const found = people.find(({ roles }) => roles.includes(role))
    if (!found) throw new Error(`the cast of this partner has no ${role}`)
    return { kind: "partner", partner, person: found.person, roles: found.roles }
}
