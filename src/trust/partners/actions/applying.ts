/**
 * A stranger applies, asks for its own state, and comes in once it is invited. Whoever it says it is, on record it is
 * the step of applying; nothing that it is answered depends on anybody else.
 */
import { createHash } from "node:crypto"
import { refuse } from "../../../lib/refusal.ts"
import type { Instant } from "../../../lib/instant.ts"
import { lockToRead } from "../../../platform/locks.ts"
import { seal, unseal } from "../../../platform/vault.ts"
import { type Act, record } from "../../audit/actions.ts"
import { addPerson, isOfStaff, personById } from "../../identity/actions.ts"
import { type Application, type ApplicationState, mustBeApplication, waitingMax } from "../application.ts"
import type { Standing } from "../partner.ts"
import * as store from "../store/applications.ts"
import { addPartner } from "./changes.ts"
import { standingOf } from "./facts.ts"
import { sendLink } from "./post.ts"
import { voidAdmission } from "./roster.ts"

/** Shown this once, and kept nowhere. */
export interface Applied {
    /** Its holder asks for the state, and comes in by it. */
    readonly secret: string
    /** For members who are asked to vouch. */
    readonly reference: string
}

export async function apply(asked: Act, form: Application): Promise<Applied> {
    const act = asStranger(asked)
    mustBeApplication(form)
    if (!((await store.countWaiting(act.tx)) < waitingMax)) {
        refuse("conflict", "application.too_many", "no more applications are taken just now: try again later")
    }
    const { organisation, mail } = form
    const partner = await addPartner(act, { name: organisation, mail, tier: "entry", standing: "applicant" })
    const [secret, reference] = [act.doors.random(32), act.doors.random(16)].map((bytes) => bytes.toString("base64url"))
    if (secret === undefined || reference === undefined) throw new Error("no chance was given")
    await store.insertApplication(act.tx, {
        partner,
        secret: hashOf(secret),
        reference: hashOf(reference),
        form_ciphertext: await seal(act.tx, act.doors.keys, scopeOf(partner), formPlace(partner), JSON.stringify(form)),
        submitted_at: act.now,
    })
    await record(act, { kind: "application.submitted", partner })
    return { secret, reference }
}

export interface OwnState {
    readonly state: ApplicationState
    readonly since: Instant
    /** What whoever decided wants it to know; empty where nothing. */
    readonly message: string
}

/** The applicant's own state. A secret that nobody was given has none. */
export async function ownState(asked: Act, secret: string): Promise<OwnState> {
    const act = asStranger(asked)
    const row = (await store.lockBySecret(act.tx, hashOf(secret))) ?? unknownApplication()
    const state = await stateOf(act, row)
    const { message } = await decisionOf(act, row)
    return { state, since: row.decided_at ?? row.submitted_at, message }
}

/**
 * An invited applicant joins: a sign-in link goes by mail to the contact that the application names, as the lead. The secret
 * of the application alone signs no one in. Asked again, what was given before ends. Until two people have admitted the partner, its lead reaches nothing but its own affairs; what they signed before
 * falls, for it was without this link. Whoever admits waits for this to end, or the other way: shared, as every
 * read is, since a lead that is signed in where it asks has it already.
 */
export async function enrol(asked: Act, secret: string): Promise<void> {
    const act = asStranger(asked)
    const partner = (await store.partnerBySecret(act.tx, hashOf(secret))) ?? unknownApplication()
    await lockToRead(act.tx, partner)
    const row = (await store.lockBySecret(act.tx, hashOf(secret))) ?? unknownApplication()
    if ((await standingOf(act, row.partner)) !== "invited") {
        refuse(
            "conflict",
            "application.not_invited",
            "only whoever is invited, and not in yet, comes in by this secret",
        )
    }
    await voidAdmission(act, partner)
    if (row.lead !== null) {
        const lead = await personById(act, row.lead)
        if (lead === null || lead.leftAt !== null) {
            refuse("conflict", "application.contact_left", "the contact has left: ask the program for another")
        }
        await mustBeUsable(act, lead.mail)
        return await sendLink(act, partner, row.lead)
    }
    const { contact } = await formOf(act, row)
    await mustBeUsable(act, contact.mail)
    const person = await addPerson(act, { partner, ...contact, roles: ["lead"] })
    await store.setLead(act.tx, partner, person)
    await sendLink(act, partner, person)
}

/** Refuses an address of staff, and does not tell the applicant whose it is. */
async function mustBeUsable(act: Act, mail: string): Promise<void> {
    if (!(await isOfStaff(act, mail))) return
    refuse("conflict", "application.contact_unusable", "no link goes to this contact: ask the program for another")
}

export async function formOf(act: Act, { partner, form_ciphertext }: store.ApplicationRow): Promise<Application> {
    const text = await unseal(act.tx, act.doors.keys, scopeOf(partner), formPlace(partner), form_ciphertext)
    return JSON.parse(text) as Application
}

export interface DecisionWords {
    /** For the program's own eyes. */
    readonly reason: string
    /** For the applicant. */
    readonly message: string
}

export async function decisionOf(
    act: Act,
    { partner, decision_ciphertext: box }: store.ApplicationRow,
): Promise<DecisionWords> {
    if (box === null) return { reason: "", message: "" }
    return JSON.parse(
        await unseal(act.tx, act.doors.keys, scopeOf(partner), decisionPlace(partner), box),
    ) as DecisionWords
}

export async function stateOf(act: Act, { partner }: store.ApplicationRow): Promise<ApplicationState> {
    return stateBy(await standingOf(act, partner))
}

export function stateBy(standing: Standing): ApplicationState {
    if (standing === "applicant") return "waiting"
    return standing === "declined" ? "declined" : "invited"
}

export function unknownApplication(): never {
    refuse("missing", "application.not_found", "no such application waits here")
}

export function hashOf(text: string): Buffer {
    return createHash("sha256").update(text).digest()
}

/** On record is the step, whoever happens to be signed in where the form is sent from. */
function asStranger(act: Act): Act {
    return { ...act, actor: { kind: "system", step: "applying" } }
}

export const scopeOf = (partner: string): string => `partner:${partner}`
const formPlace = (partner: string): string => `applications.form:${partner}`
export const decisionPlace = (partner: string): string => `applications.decision:${partner}`
