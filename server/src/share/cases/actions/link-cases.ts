/** Links cases: a bypass or a variant of another. */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type LinkKind, assertNoLoop, originsOf } from "../case.ts"
import type { Instant } from "@tocsin/base/instant"
import * as store from "../store/cases.ts"
import { assertCaseExists } from "./load-case.ts"

/** Links a case to the one from which it descends. Decisions read the link from `since` on. */
export async function linkCases(
    ctx: ActionContext,
    from: string,
    to: string,
    kind: LinkKind,
    since: Instant = ctx.now,
): Promise<void> {
    await assertLinkable(ctx, from, to)
    await store.insertLink(ctx.tx, { from, to, kind }, since)
    await record(ctx, { kind: "case.linked", case: from, to, link: kind })
}

/** Refuses `case.not_found`, `case.link_loop`. */
export async function assertLinkable(ctx: ActionContext, from: string, to: string): Promise<void> {
    await assertCaseExists(ctx, from)
    await assertCaseExists(ctx, to)
    assertNoLoop({ from, to }, await store.listLinks(ctx.tx))
}

/** Lists the case and all cases that descend from it. They inherit each new link of the case. */
export async function listCaseFamily(ctx: ActionContext, id: string): Promise<string[]> {
    const links = await store.listLinks(ctx.tx)
    const descendants = new Set(links.map(({ from }) => from).filter((caseId) => originsOf(caseId, links).includes(id)))
    return [id, ...descendants]
}
