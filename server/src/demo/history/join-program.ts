/** Lets the partners of the past join: as founding partners, or by an application that people score and decide. */
import { generateX25519Identity } from "age-encryption"
import { type Instant, dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import type { PartnerRole } from "../../kernel/actor.ts"
import { addPerson } from "../../trust/identity/actions/manage-people.ts"
import { listPeople } from "../../trust/identity/actions/load-people.ts"
import { addPartner } from "../../trust/partners/actions/change-partner.ts"
import {
    decideApplication,
    listApplications,
    scoreApplication,
    vouch,
} from "../../trust/partners/onboarding/actions/admit-partner.ts"
import { enrol, submitApplication } from "../../trust/partners/onboarding/actions/submit-application.ts"
import type { Application } from "../../trust/partners/onboarding/application.ts"
import { shippedCriteria } from "../../trust/partners/onboarding/admission.ts"
import { changeStatusByTwo, changeTierByTwo } from "../../share/release/actions/change-partner.ts"
import { recordMailboxProof } from "../../trust/partners/roster/actions/verify-mailbox.ts"
import { mailOf } from "../cast.ts"
import { type Scene, agreementScenes, seedDuties, seedKey } from "../seed.ts"
import { type Newcomer, newcomers } from "./newcomers.ts"
import { type Stage, idOf, later, leadOf, partnerOf, sign, staff, systemActor } from "./stage.ts"

const termDays = 730
/** Earlier agreements would have ended before the start. */
const presentAgreementAt = parseInstant("2024-07-08T09:00:00Z")
const mailboxesAt = parseInstant("2024-09-04T08:00:00Z")
const manager = "Ingrid Solheim"

/** Lists the scenes of all partners that join or apply. The first ones verify their mailboxes again in autumn. */
export function joiningScenes(stage: Stage): Scene[] {
    const verify = async () => {
        for (const { id } of stage.partners.values())
            await stage.story(mailboxesAt, systemActor, (ctx) => recordMailboxProof(ctx, id))
    }
    const joining = newcomers.flatMap((newcomer) =>
        newcomer.entrance === "founding" ? foundingScenes(stage, newcomer) : applicationScenes(stage, newcomer),
    )
    return [{ at: mailboxesAt, run: verify }, ...joining]
}

function foundingScenes(stage: Stage, newcomer: Newcomer): Scene[] {
    const { at, name, key, tier } = newcomer
    const join = async () => {
        const mail = `warnings@${key}.example`
        const details = { name, mail, tier, status: "active" as const }
        const id = await stage.story(at, staff(stage, manager), (ctx) => addPartner(ctx, details))
        await addMember(stage, at, newcomer, id)
    }
    return [{ at, run: join }, ...memberScenes(stage, Math.max(at, presentAgreementAt) + 2 * dayMs, newcomer)]
}

/** Adds a partner's people. `known` is the lead, where it joined by an invitation. */
async function addMember(
    stage: Stage,
    at: Instant,
    { key, lead, analyst, duties }: Newcomer,
    id: string,
    known: string | null = null,
): Promise<void> {
    const people: { person: string; roles: readonly PartnerRole[] }[] = []
    const add = async (name: string, roles: PartnerRole[]) =>
        await stage.story(at, systemActor, (ctx) =>
            addPerson(ctx, { partner: id, name, mail: mailOf(name, key), roles }),
        )
    const leadRoles: PartnerRole[] = analyst === null ? ["lead", "analyst"] : ["lead"]
    if (known === null) people.push({ person: await add(lead, leadRoles), roles: leadRoles })
    else people.push({ person: known, roles: ["lead"] })
    if (analyst !== null) people.push({ person: await add(analyst, ["analyst"]), roles: ["analyst"] })
    await seedDuties(stage.story, { at, manager: staff(stage, manager) }, id, duties)
    stage.partners.set(key, { id, identity: await generateX25519Identity(), people })
}

/** The agreement, the key and the requirements of a partner that has joined. */
function memberScenes(stage: Stage, at: Instant, { key }: Newcomer): Scene[] {
    const addKey = async () =>
        await seedKey(stage.story, { at, lead: leadOf(stage, key) }, partnerOf(stage, key).identity, true)
    const span = { acceptedAt: at, endsAt: at + termDays * dayMs, start: stage.start }
    const member = () => ({ id: partnerOf(stage, key).id, lead: leadOf(stage, key) })
    return [{ at, run: addKey }, ...agreementScenes(stage.story, span, member)]
}

/** The steps of an application, as far as its entrance goes, each some days after the last. */
function applicationScenes(stage: Stage, newcomer: Newcomer): Scene[] {
    const { entrance, at, tier } = newcomer
    const day = (days: number, run: (when: Instant) => Promise<unknown>): Scene => {
        const when = at + days * dayMs
        return { at: when, run: () => run(when) }
    }
    const submit = day(0, (when) => submitForm(stage, when, newcomer))
    const firstScore = day(7, (when) => score(stage, when, newcomer, manager))
    const scores = [
        day(3, (when) => vouchFor(stage, when, newcomer)),
        firstScore,
        day(9, (when) => score(stage, when, newcomer, "Rafael Lindqvist")),
    ]
    const decision = day(11, (when) => decide(stage, when, newcomer))
    if (entrance === "waiting") return [submit]
    if (entrance === "scored") return [submit, firstScore]
    if (entrance === "tallied") return [submit, ...scores]
    if (entrance !== "admitted") return [submit, ...scores, decision]
    return [
        submit,
        ...scores,
        decision,
        day(13, (when) => join(stage, when, newcomer)),
        day(16, (when) => admit(stage, when, newcomer)),
        ...memberScenes(stage, at + 17 * dayMs, newcomer),
        ...(tier === "entry" ? [] : [day(24, (when) => raiseTier(stage, when, newcomer))]),
    ]
}

async function submitForm(stage: Stage, at: Instant, newcomer: Newcomer): Promise<void> {
    const { secret, reference } = await stage.story(at, systemActor, (ctx) => submitApplication(ctx, formOf(newcomer)))
    const partner = await stage.story(at, systemActor, async (ctx) =>
        (await listApplications(ctx)).find((found) => found.organisation === newcomer.name),
    )
    stage.ids.set(`${newcomer.key}.secret`, secret)
    stage.ids.set(`${newcomer.key}.reference`, reference)
    stage.ids.set(`${newcomer.key}.id`, partner?.partner ?? "")
}

function formOf({ key, name, lead, product }: Newcomer): Application {
    return {
        organisation: name,
        mail: `warnings@${key}.example`,
        contact: { name: lead, mail: mailOf(lead, key) },
        productClasses: ["other"],
        products: [product],
        regions: ["Northern and Western Europe"],
        inHouseProtection:
            "Our own detection rules run on all our servers, and two people review their alarms each day.",
        workedExample: {
            cve: "CVE-2024-3400",
            text: "We wrote a rule from the vendor's text, tested it, and had it in place in 5 hours.",
        },
        dataUse: "Warnings stay with the named people and in one encrypted folder. No customer sees a text.",
        mailboxReaders: "Three people of the response team, each working day from 07:00 to 19:00 UTC.",
        automation: "No program reads the mailbox.",
    }
}

async function vouchFor(stage: Stage, at: Instant, { key, name }: Newcomer): Promise<void> {
    const text = `We have worked with the people of ${name} on two incidents. They kept what was confidential.`
    await stage.story(at, leadOf(stage, "glasswater"), (ctx) => vouch(ctx, idOf(stage, `${key}.reference`), text))
}

/** Scores the criteria; a second person the required ones. An applicant that is declined sells means of attack. */
async function score(stage: Stage, at: Instant, { key, entrance }: Newcomer, person: string): Promise<void> {
    const applicant = idOf(stage, `${key}.id`)
    await stage.story(at, staff(stage, person), async (ctx) => {
        const criteria = shippedCriteria.filter(({ required }) => required || person === manager)
        for (const [n, { id }] of criteria.entries()) {
            const isOffensive = entrance === "declined" && id === "no-offence"
            const points = isOffensive ? 0 : 4 - (n % 3 === 2 ? 1 : 0)
            const reason = isOffensive ? "It sells a suite for attacks." : "Shown in the application and a call."
            await scoreApplication(ctx, applicant, { criterion: id, score: points, reason })
        }
    })
}

async function decide(stage: Stage, at: Instant, { key, entrance }: Newcomer): Promise<void> {
    const decision =
        entrance === "declined"
            ? {
                  decision: "declined" as const,
                  reason: "A required criterion is not met.",
                  message: "Your group sells means of attack. The program cannot admit it.",
              }
            : { decision: "invited" as const, reason: "All criteria are met.", message: "Welcome. Please join." }
    await stage.story(at, staff(stage, manager), (ctx) => decideApplication(ctx, idOf(stage, `${key}.id`), decision))
}

async function join(stage: Stage, at: Instant, newcomer: Newcomer): Promise<void> {
    const id = idOf(stage, `${newcomer.key}.id`)
    await stage.story(at, systemActor, (ctx) => enrol(ctx, idOf(stage, `${newcomer.key}.secret`)))
    const [lead] = await stage.story(at, systemActor, (ctx) => listPeople(ctx, id))
    await addMember(stage, at, newcomer, id, lead?.id ?? null)
}

async function admit(stage: Stage, at: Instant, { key }: Newcomer): Promise<void> {
    const { id } = partnerOf(stage, key)
    const by = staff(stage, manager)
    const { approval } = await stage.story(at, by, (ctx) => changeStatusByTwo(ctx, id, "active"))
    later(stage, at + 2 * hourMs, (when) => sign(stage, when, "Kofi Boateng", approval))
    later(stage, at + 3 * hourMs, (when) =>
        stage.story(when, by, (ctx) => changeStatusByTwo(ctx, id, "active", approval ?? undefined)),
    )
}

async function raiseTier(stage: Stage, at: Instant, { key, tier }: Newcomer): Promise<void> {
    const { id } = partnerOf(stage, key)
    const by = staff(stage, manager)
    const { approval } = await stage.story(at, by, (ctx) => changeTierByTwo(ctx, id, tier))
    later(stage, at + hourMs, (when) => sign(stage, when, "Meera Hartono", approval))
    later(stage, at + 2 * hourMs, (when) =>
        stage.story(when, by, (ctx) => changeTierByTwo(ctx, id, tier, approval ?? undefined)),
    )
}
