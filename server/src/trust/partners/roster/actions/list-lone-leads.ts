/** Lists leads who are alone on the roster of a partner with case access. */
import type { ActionContext } from "../../../../kernel/action-context.ts"
import { listRosterStays } from "../../../identity/actions/list-roster-stays.ts"
import { listPartnerFacts } from "../../actions/load-facts.ts"
import { hasCaseAccess } from "../../partner.ts"
import { type LoneLead, loneLeadsIn } from "../lone-lead.ts"

export async function listLoneLeads(ctx: ActionContext): Promise<LoneLead[]> {
    const partners = await listPartnerFacts(ctx, ctx.now)
    const reachable = new Set(partners.filter(({ status }) => hasCaseAccess(status)).map(({ partner }) => partner))
    return loneLeadsIn(await listRosterStays(ctx, null), ctx.now).filter(({ partner }) => reachable.has(partner))
}
