/**
 * Creates the demonstration's program by the same actions as anybody: persons, partners with their facts, the
 * agreement, keys, and the first case with its waves planned and signed. Only the instants are the story's own.
 */
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption"
import type { Instant } from "../lib/instant.ts"
import { Refusal } from "../lib/refusal.ts"
import type { Doors } from "../platform/doors.ts"
import { moveDemoClock } from "../platform/clock.ts"
import { signApproval, approval } from "../trust/approvals/actions.ts"
import type { Act } from "../trust/audit/actions.ts"
import type { Actor, OperatorRole, PartnerRole } from "../trust/audit/actor.ts"
import { addPerson, issueCredential } from "../trust/identity/actions.ts"
import { acceptAgreement, addAgreement } from "../trust/partners/actions/agreements.ts"
import { addPartner, setDuties } from "../trust/partners/actions/changes.ts"
import { addKey } from "../trust/partners/actions/keys.ts"
import { noteProof } from "../trust/partners/actions/mailbox.ts"
import { proveKey, testCopy } from "../trust/partners/actions/test-copies.ts"
import { dutyTable } from "../trust/partners/duty.ts"
import { testCodeIn } from "../lib/partner-api/test-copy.ts"
import { addArtifact } from "../share/artifacts/actions.ts"
import { addSample } from "../share/artifacts/actions/samples.ts"
import { casesNamed, linkCases, openCase } from "../share/cases/actions.ts"
import type { CaseDetails } from "../share/cases/case.ts"
import { agreeEmbargo } from "../share/cases/actions/embargo.ts"
import { installPack } from "../share/entitlement/actions/policies.ts"
import { requestRelease } from "../share/release/actions.ts"
import { planWaves, wavesOf } from "../share/waves/actions.ts"
import { type CastPartner, operators, partners } from "./cast.ts"
import { readContent } from "./content.ts"
import { corpusOf } from "./corpus.ts"
import { obligations, statementsBetween } from "./obligations.ts"
import { settle } from "./settling.ts"
import { type DemoCase, demoCases, toolshell } from "./toolshell.ts"

export interface SeededPerson<Role> {
    readonly person: string
    readonly name: string
    readonly roles: readonly Role[]
    readonly token: string
    /** The secret of a sign-in link that can be used again and again, as only a demonstration's can. */
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
/** Two years, as the agreement says. */
const termDays = 730
const system: Actor = { kind: "system", step: "demonstration" }

/** Acts at an instant of the story, each in a transaction of its own. */
export function storyOf(doors: Doors) {
    return <T>(at: Instant, actor: Actor, work: (act: Act) => Promise<T>): Promise<T> =>
        doors.db.transaction((tx) => work({ tx, now: at, actor, doors }))
}

export type Story = ReturnType<typeof storyOf>

export async function seed(doors: Doors, start: Instant): Promise<Seeded> {
    const story = storyOf(doors)
    const terms = partners.flatMap(({ agreement }) => (agreement ? [agreement] : []))
    const founded = Math.min(...terms.map((term) => term.acceptedAt)) - monthMs
    await story(founded, system, (act) => moveDemoClock(act.tx, founded))
    const people = await seedOperators(story, founded)
    const manager = actorWith(people, "manager")
    await story(founded, manager, (act) => addAgreement(act, readContent("agreement.md"), termDays, obligations))
    await story(founded, manager, installPack)
    const members: SeededPartner[] = []
    for (const cast of partners) members.push(await seedPartner(story, { founded, start }, manager, cast))
    for (const partner of members) await seedStatements(story, start, partner)
    await seedCase(doors, people, toolshell)
    await story(start, system, (act) => moveDemoClock(act.tx, start))
    await settle(doors)
    return { operators: people, partners: members }
}

async function seedOperators(story: Story, at: Instant): Promise<SeededPerson<OperatorRole>[]> {
    const people: SeededPerson<OperatorRole>[] = []
    for (const { name, mail, roles } of operators) {
        people.push(
            await story(at, system, async (act) => {
                const person = await addPerson(act, { partner: null, name, mail, roles })
                return { person, name, roles, ...(await secretsOf(act, person)) }
            }),
        )
    }
    return people
}

async function secretsOf(act: Act, person: string): Promise<{ token: string; link: string }> {
    return {
        token: await issueCredential(act, person, "token"),
        link: await issueCredential(act, person, "link", true),
    }
}

/** Its key is of this year: one of the founding would have expired by now. */
async function seedPartner(
    story: Story,
    { founded: at, start }: { readonly founded: Instant; readonly start: Instant },
    manager: Actor,
    cast: CastPartner,
): Promise<SeededPartner> {
    const { name, mail, tier, standing } = cast
    const id = await story(at, manager, (act) => addPartner(act, { name, mail, tier, standing }))
    const persons: SeededPerson<PartnerRole>[] = []
    for (const { name: its, mail: to, roles } of cast.persons) {
        persons.push(
            await story(at, system, async (act) => {
                const person = await addPerson(act, { partner: id, name: its, mail: to, roles })
                return { person, name: its, roles, ...(await secretsOf(act, person)) }
            }),
        )
    }
    const lead = memberActor(id, persons, "lead")
    const identity = await generateX25519Identity()
    const recipient = await identityToRecipient(identity)
    const keyAt = Math.max(at, start - 6 * monthMs)
    await story(keyAt, lead, async (act) => {
        const { id: key } = await addKey(act, recipient)
        if (cast.plays === "prompt") await openTestCopy(act, key, identity)
    })
    if (cast.duties.length > 0) {
        const duties = cast.duties.flatMap(({ regime, ...its }) =>
            dutyTable.filter((duty) => duty.regime === regime).map((duty) => ({ ...duty, ...its })),
        )
        await story(at, manager, (act) => setDuties(act, id, duties))
    }
    const accepted = cast.agreement?.acceptedAt
    if (accepted !== undefined) await story(accepted, lead, (act) => acceptAgreement(act, 1))
    return { id, cast, identity, persons }
}

/** As whoever holds the identity does at home. */
async function openTestCopy(act: Act, key: string, identity: string): Promise<void> {
    const age = new Decrypter()
    age.addIdentity(identity)
    const text = await age.decrypt((await testCopy(act, key)).bytes, "text")
    await proveKey(act, key, testCodeIn(text) ?? "")
}

/** What it owes by its agreement was given in time, and its mailbox was found to be read. */
async function seedStatements(story: Story, start: Instant, { id, cast, persons }: SeededPartner): Promise<void> {
    const lead = memberActor(id, persons, "lead")
    if (!cast.agreement) return
    const { acceptedAt, endsAt } = cast.agreement
    for (const { at, give } of statementsBetween(acceptedAt, Math.min(endsAt, start))) await story(at, lead, give)
    await story(start - monthMs, system, (act) => noteProof(act, id))
}

/** Opens a case as its author and has its waves signed, so that they fall when the clock gets there. */
export async function seedCase(
    doors: Doors,
    people: readonly SeededPerson<OperatorRole>[],
    its: DemoCase,
): Promise<void> {
    const story = storyOf(doors)
    const author = actorWith(people, "author")
    const id = await story(its.openedAt, author, (act) => openCase(act, detailsOf(its)))
    await story(its.openedAt, author, (act) => agreeEmbargo(act, id, its.publication))
    for (const { kind, to } of its.links) {
        await story(its.openedAt, author, async (act) => {
            for (const other of await idsOf(act, to)) await linkCases(act, id, other, kind)
        })
    }
    for (const { class: kind, name, tlp, pap, file } of its.artifacts) {
        const artifact = { case: id, class: kind, name, tlp, pap, content: readContent(file) }
        const added = await story(its.openedAt, author, (act) => addArtifact(act, artifact))
        for (const sample of corpusOf(file)) await story(its.openedAt, author, (act) => addSample(act, added, sample))
    }
    await story(its.openedAt, author, (act) => planWaves(act, id))
    await signWaves(story, its.openedAt, people, id)
}

/** The ids of a case of the story; none before it was opened. */
export async function idsOf(act: Act, key: DemoCase["key"]): Promise<string[]> {
    const cve = demoCases.find((its) => its.key === key)?.cves[0]
    return cve === undefined ? [] : await casesNamed(act, cve.id)
}

async function signWaves(
    story: Story,
    at: Instant,
    people: readonly SeededPerson<OperatorRole>[],
    id: string,
): Promise<void> {
    const author = actorWith(people, "author")
    const signer = actorWith(people, "approver")
    for (const wave of await story(at, author, (act) => wavesOf(act, id))) {
        const asked = await story(at, author, (act) => requestRelease(act, wave.id)).catch(nobodyGains)
        if (asked === null) continue
        await story(at, signer, async (act) => signApproval(act, asked, (await approval(act, asked)).effectsHash))
    }
}

/** By what was done since the start, a later wave may have come to open nothing for anybody: then it stays unsigned. */
function nobodyGains(error: unknown): null {
    if (error instanceof Refusal && error.code === "release.no_recipients") return null
    throw error
}

/** The facts of a case of the story, as its author enters them. */
export function detailsOf(its: DemoCase): CaseDetails {
    return {
        title: its.title,
        finder: its.finder,
        vulnerabilities: its.cves.map(({ id, weakness, cvss, corrected }) => ({
            ...{ cve: id, cwe: weakness.id, ...cvss },
            products: corrected.map(({ product, build }) => ({ vendor: "Microsoft", name: product, fixedIn: build })),
        })),
    }
}

/** The first person with the role, and where possible no author among approvers. */
export function actorWith(people: readonly SeededPerson<OperatorRole>[], role: OperatorRole): Actor {
    const found =
        people.find(({ roles }) => roles.includes(role) && (role === "author" || !roles.includes("author"))) ??
        people.find(({ roles }) => roles.includes(role))
    if (!found) throw new Error(`the cast has no ${role}`)
    return { kind: "operator", person: found.person, roles: found.roles }
}

export function memberActor(partner: string, persons: readonly SeededPerson<PartnerRole>[], role: PartnerRole): Actor {
    const found = persons.find(({ roles }) => roles.includes(role))
    if (!found) throw new Error(`the cast has no ${role} there`)
    return { kind: "partner", partner, person: found.person, roles: found.roles }
}
