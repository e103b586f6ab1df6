/** Who is let in: members, and for all others an inquiry does not exist. */
import { refuse } from "../../../lib/refusal.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { type Course, courseOf, mustBe } from "../course.ts"
import * as store from "../store.ts"
import { turns } from "../store/course.ts"

/** The inquiry, held until the transaction ends; for whoever is no member the same answer as where there is none. */
export async function memberOf(act: Act, id: string): Promise<store.InquiryRow> {
    const row = await store.lockInquiry(act.tx, id, mustBeOperator(act))
    return row ?? refuse("missing", "inquiry.not_found", "no such inquiry")
}

/** The same, for whoever changes it: what is closed stays as it is. */
export async function memberOfOpen(act: Act, id: string): Promise<store.InquiryRow> {
    const row = await memberOf(act, id)
    mustBe("open", await courseNow(act, id))
    return row
}

export async function courseNow(act: Act, id: string): Promise<Course> {
    return courseOf((await turns(act.tx, id)).at(-1)?.kind ?? null)
}

export function mustBeOperator(act: Act): string {
    if (act.actor.kind !== "operator") refuse("forbidden", "inquiry.staff_only", "inquiries are the operator's")
    return act.actor.person
}

/** The vault's scope: an inquiry has a data key of its own. */
export const sealedWith = (id: string): string => `inquiry:${id}`
