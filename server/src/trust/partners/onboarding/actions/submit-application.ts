/**
 * A stranger applies, asks for its own state, and comes in once it is invited. Whoever it says it is, on record it is
 * the step of applying; nothing that it is answered depends on anybody else.
 */
import { createHash } from "node:crypto"
import { refuse } from "@tocsin/base/refusal"
import type { Instant } from "@tocsin/base/instant"
import { lockToRead } from "../../../../kernel/locks.ts"
import { seal, unseal } from "../../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { addPerson, isOfStaff, personById } from "../../../identity/actions.ts"
import { type Application, type ApplicationState, validateApplication, waitingMax } from "../application.ts"
import type { Standing } from "../../partner.ts"
import * as store from "../store/applications.ts"
import { addPartner } from "../../actions/change-partner.ts"
import { standingOf } from "../../actions/load-facts.ts"
import { sendLink } from "../../roster/actions/send-sign-in-link.ts"
import { voidAdmission } from "../../roster/actions/manage-roster.ts"

/** Shown this once, and kept nowhere. */
export interface Applied {
    /** Its holder asks for the state, and comes in by it. */
    readonly secret: string
    /** For members who are asked to vouch. */
    readonly reference: string
}

export async function apply(act: ActionContext, form: Application): Promise<Applied> {
    const ctx = asStranger(act)
    validateApplication(form)
    if (!((await store.countWaiting(ctx.tx)) < waitingMax)) {
        refuse("conflict", "application.too_many", "no more applications are taken just now: try again later")
    }
    const { organisation, mail } = form
    const partner = await addPartner(ctx, { name: organisation, mail, tier: "entry", standing: "applicant" })
    const [secret, reference] = [ctx.services.random(32), ctx.services.random(16)].map((bytes) =>
        bytes.toString("base64url"),
    )
    if (secret === undefined || reference === undefined) throw new Error("no chance was given")
    await store.insertApplication(ctx.tx, {
        partner,
        secret: hashOf(secret),
        reference: hashOf(reference),
        form_ciphertext: await seal(
            ctx.tx,
            ctx.services.keys,
            scopeOf(partner),
            formPlace(partner),
            JSON.stringify(form),
        ),
        submitted_at: ctx.now,
    })
    await record(ctx, { kind: "application.submitted", partner })
    return { secret, reference }
}

export interface OwnState {
    readonly state: ApplicationState
    readonly since: Instant
    /** What whoever decided wants it to know; empty where nothing. */
    readonly message: string
}

/** The applicant's own state. A secret that nobody was given has none. */
export async function ownState(act: ActionContext, secret: string): Promise<OwnState> {
    const ctx = asStranger(act)
    const row = (await store.lockBySecret(ctx.tx, hashOf(secret))) ?? unknownApplication()
    const state = await stateOf(ctx, row)
    const { message } = await decisionOf(ctx, row)
    return { state, since: row.decided_at ?? row.submitted_at, message }
}

/**
 * An invited applicant joins: a sign-in link goes by mail to the contact that the application names, as the lead. The secret
 * of the application alone signs no one in. Asked again, what was given before ends. Until two people have admitted the partner, its lead reaches nothing but its own affairs; what they signed before
 * falls, for it was without this link. Whoever admits waits for this to end, or the other way: shared, as every
 * read is, since a lead that is signed in where it asks has it already.
 */
export async function enrol(act: ActionContext, secret: string): Promise<void> {
    const ctx = asStranger(act)
    const partner = (await store.findPartnerBySecret(ctx.tx, hashOf(secret))) ?? unknownApplication()
    await lockToRead(ctx.tx, partner)
    const row = (await store.lockBySecret(ctx.tx, hashOf(secret))) ?? unknownApplication()
    if ((await standingOf(ctx, row.partner)) !== "invited") {
        refuse(
            "conflict",
            "application.not_invited",
            "only whoever is invited, and not in yet, comes in by this secret",
        )
    }
    await voidAdmission(ctx, partner)
    if (row.lead !== null) {
        const lead = await personById(ctx, row.lead)
        if (lead === null || lead.leftAt !== null) {
            refuse("conflict", "application.contact_left", "the contact has left: ask the program for another")
        }
        await validateUsable(ctx, lead.mail)
        return await sendLink(ctx, partner, row.lead)
    }
    const { contact } = await formOf(ctx, row)
    await validateUsable(ctx, contact.mail)
    const person = await addPerson(ctx, { partner, ...contact, roles: ["lead"] })
    await store.setLead(ctx.tx, partner, person)
    await sendLink(ctx, partner, person)
}

/** Refuses an address of staff, and does not tell the applicant whose it is. */
async function validateUsable(ctx: ActionContext, mail: string): Promise<void> {
    if (!(await isOfStaff(ctx, mail))) return
    refuse("conflict", "application.contact_unusable", "no link goes to this contact: ask the program for another")
}

export async function formOf(
    ctx: ActionContext,
    { partner, form_ciphertext }: store.ApplicationRow,
): Promise<Application> {
    const text = await unseal(ctx.tx, ctx.services.keys, scopeOf(partner), formPlace(partner), form_ciphertext)
    return JSON.parse(text) as Application
}

export interface DecisionWords {
    /** For the program's own eyes. */
    readonly reason: string
    /** For the applicant. */
    readonly message: string
}

export async function decisionOf(
    ctx: ActionContext,
    { partner, decision_ciphertext: box }: store.ApplicationRow,
): Promise<DecisionWords> {
    if (box === null) return { reason: "", message: "" }
    return JSON.parse(
        await unseal(ctx.tx, ctx.services.keys, scopeOf(partner), decisionPlace(partner), box),
    ) as DecisionWords
}

export async function stateOf(ctx: ActionContext, { partner }: store.ApplicationRow): Promise<ApplicationState> {
    return stateBy(await standingOf(ctx, partner))
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
function asStranger(ctx: ActionContext): ActionContext {
    return { ...ctx, actor: { kind: "system", step: "applying" } }
}

export const scopeOf = (partner: string): string => `partner:${partner}`
const formPlace = (partner: string): string => `applications.form:${partner}`
export const decisionPlace = (partner: string): string => `applications.decision:${partner}`
