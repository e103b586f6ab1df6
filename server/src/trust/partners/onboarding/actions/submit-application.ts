/**
 * Lets an applicant without sign-in apply, read its state, and join after an invitation. The audit log names the
 * system as actor. No answer depends on other partners.
 */
import { createHash } from "node:crypto"
import { refuse } from "@tocsin/base/refusal"
import type { Instant } from "@tocsin/base/instant"
import { lockToRead } from "../../../../kernel/locks.ts"
import { encryptText, decryptText } from "../../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { addPerson } from "../../../identity/actions/manage-people.ts"
import { isStaffMail, findPerson } from "../../../identity/actions/load-people.ts"
import {
    type Application,
    type ApplicationQuestion,
    type ApplicationState,
    type NewApplication,
    decideBy,
    validateApplication,
    openApplicationsMax,
} from "../application.ts"
import type { PartnerStatus } from "../../partner.ts"
import * as store from "../store/applications.ts"
import { addPartner } from "../../actions/change-partner.ts"
import { loadPartnerStatus } from "../../actions/load-facts.ts"
import { sendLink } from "../../../identity/account-mail/actions/send-sign-in-link.ts"
import { voidAdmissionApprovals } from "../../roster/actions/manage-roster.ts"
import { saveApplicantWords } from "../../roster/actions/set-recognition-words.ts"

/** Shown once and stored nowhere. */
export interface ApplicationSecrets {
    /** Gives access to the application's state and to joining. */
    readonly secret: string
    /** For members that vouch for the applicant. */
    readonly reference: string
}

/** Saves an application. Refuses `application.too_many` while too many wait. */
export async function submitApplication(
    caller: ActionContext,
    { recognitionWords, ...form }: NewApplication,
): Promise<ApplicationSecrets> {
    const ctx = asSystem(caller)
    validateApplication(form)
    if (!((await store.countUndecided(ctx.tx)) < openApplicationsMax)) {
        refuse("conflict", "application.too_many", "too many applications wait for a decision: try again later")
    }
    const { organisation, mail } = form
    const partner = await addPartner(ctx, { name: organisation, mail, tier: "entry", status: "applicant" })
    const [secret, reference] = [ctx.services.random(32), ctx.services.random(16)].map((bytes) =>
        bytes.toString("base64url"),
    )
    if (secret === undefined || reference === undefined) throw new Error("no random bytes were given")
    await store.insertApplication(ctx.tx, {
        partner,
        secret: hashOf(secret),
        reference: hashOf(reference),
        form_ciphertext: await encryptApplication(ctx, partner, { form, questions: [] }),
        submitted_at: ctx.now,
    })
    if (recognitionWords !== undefined) await saveApplicantWords(ctx, partner, recognitionWords)
    await record(ctx, { kind: "application.submitted", partner })
    return { secret, reference }
}

export interface ApplicantState {
    readonly state: ApplicationState
    readonly since: Instant
    /** Message to the applicant; empty where there is none. */
    readonly message: string
    /** When the program promised a decision. */
    readonly decideBy: Instant
    readonly questions: readonly ApplicationQuestion[]
}

/** Reads the applicant's state. Refuses `application.not_found` for an unknown secret. */
export async function loadApplicantState(caller: ActionContext, secret: string): Promise<ApplicantState> {
    const ctx = asSystem(caller)
    const row = (await store.lockBySecret(ctx.tx, hashOf(secret))) ?? unknownApplication()
    const state = await loadState(ctx, row)
    const { message } = await decryptDecision(ctx, row)
    const { questions } = await decryptApplication(ctx, row)
    return {
        state,
        since: row.decided_at ?? row.submitted_at,
        message,
        decideBy: decideBy(row.submitted_at),
        questions,
    }
}

/**
 * Lets an invited applicant join. A sign-in link goes by mail to the contact of the application, as the lead; the
 * secret alone signs no one in. Repeating ends earlier credentials.
 *
 * Until two people admit the partner, its lead reaches only its own data. Approvals of the admission are voided,
 * because they were signed without this lead. This call and an admission wait for each other. The lock is shared like
 * that of a read, because a signed-in lead already holds one.
 */
export async function enrol(caller: ActionContext, secret: string): Promise<void> {
    const ctx = asSystem(caller)
    const partner = (await store.findPartnerBySecret(ctx.tx, hashOf(secret))) ?? unknownApplication()
    await lockToRead(ctx.tx, partner)
    const row = (await store.lockBySecret(ctx.tx, hashOf(secret))) ?? unknownApplication()
    if ((await loadPartnerStatus(ctx, row.partner)) !== "invited") {
        refuse(
            "conflict",
            "application.not_invited",
            "this secret works only for an invited applicant that has not joined yet",
        )
    }
    await voidAdmissionApprovals(ctx, partner)
    if (row.lead !== null) {
        const lead = await findPerson(ctx, row.lead)
        if (lead === null || lead.leftAt !== null) {
            refuse("conflict", "application.contact_left", "the contact has left: ask the operator for another contact")
        }
        await assertContactUsable(ctx, lead.mail)
        return await sendLink(ctx, row.lead)
    }
    const { contact } = await decryptForm(ctx, row)
    await assertContactUsable(ctx, contact.mail)
    const person = await addPerson(ctx, { partner, ...contact, roles: ["lead"] })
    await store.setLead(ctx.tx, partner, person)
    await sendLink(ctx, person)
}

/** Refuses `application.contact_unusable` for an address of staff, without saying so. */
async function assertContactUsable(ctx: ActionContext, mail: string): Promise<void> {
    if (!(await isStaffMail(ctx, mail))) return
    refuse(
        "conflict",
        "application.contact_unusable",
        "no link can go to this contact: ask the operator for another contact",
    )
}

/** The encrypted content of an application: the form, and the questions about it in their order. */
interface ApplicationContent {
    readonly form: Application
    readonly questions: readonly ApplicationQuestion[]
}

export async function encryptApplication(
    ctx: ActionContext,
    partner: string,
    content: ApplicationContent,
): Promise<Buffer> {
    return await encryptText(ctx.tx, ctx.services.keys, scopeOf(partner), formPlace(partner), JSON.stringify(content))
}

export async function decryptApplication(
    ctx: ActionContext,
    { partner, form_ciphertext }: store.ApplicationRow,
): Promise<ApplicationContent> {
    const text = await decryptText(ctx.tx, ctx.services.keys, scopeOf(partner), formPlace(partner), form_ciphertext)
    return JSON.parse(text) as ApplicationContent
}

export async function decryptForm(ctx: ActionContext, row: store.ApplicationRow): Promise<Application> {
    return (await decryptApplication(ctx, row)).form
}

export interface DecisionText {
    /** For staff only. */
    readonly reason: string
    /** For the applicant. */
    readonly message: string
}

export async function decryptDecision(
    ctx: ActionContext,
    { partner, decision_ciphertext: ciphertext }: store.ApplicationRow,
): Promise<DecisionText> {
    if (ciphertext === null) return { reason: "", message: "" }
    return JSON.parse(
        await decryptText(ctx.tx, ctx.services.keys, scopeOf(partner), decisionPlace(partner), ciphertext),
    ) as DecisionText
}

export async function loadState(ctx: ActionContext, { partner }: store.ApplicationRow): Promise<ApplicationState> {
    return stateOfStatus(await loadPartnerStatus(ctx, partner))
}

export function stateOfStatus(status: PartnerStatus): ApplicationState {
    if (status === "applicant") return "waiting"
    return status === "declined" ? "declined" : "invited"
}

export function unknownApplication(): never {
    refuse("missing", "application.not_found", "no application with this secret or reference")
}

export function hashOf(text: string): Buffer {
    return createHash("sha256").update(text).digest()
}

/** The context with the system as actor, even if the caller is signed in. */
export function asSystem(ctx: ActionContext): ActionContext {
    return { ...ctx, actor: { kind: "system", component: "applying" } }
}

export const scopeOf = (partner: string): string => `partner:${partner}`
const formPlace = (partner: string): string => `applications.form:${partner}`
export const decisionPlace = (partner: string): string => `applications.decision:${partner}`
