/**
 * Route of a warning for a partner's MISP. Each read is decided and recorded, as with CSAF and TAXII. Nothing is
 * stored.
 */
import { Text, hide } from "../../kernel/route.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { idOfAlias } from "../../share/delivery/actions/aliases.ts"
import { type Warning, partnerOf, warningsFor } from "../../share/delivery/actions/projection.ts"
import { recordPage } from "../../share/feed/actions/record-page.ts"
import { readUnkeptFeed } from "../../share/feed/actions/read-feed.ts"
import { type Cuttable, versionOf, whileSeen } from "../../share/delivery/actions/check-in-flight.ts"
import { carriedIn, mispEvent } from "./event.ts"
import { byId } from "../../kernel/schemas.ts"

async function served(ctx: ActionContext, called: string): Promise<Cuttable> {
    const { partner } = partnerOf(ctx)
    let warnings: readonly Warning[] = []
    const see = async (then: ActionContext) => {
        warnings = await warningsFor(then, partner)
        return await carriedIn(then, partner, warnings)
    }
    const views = await readUnkeptFeed(ctx, "misp", see, ({ master }) => `misp ${master.artifact} ${master.version}`)
    const warning = warnings.find(({ id }) => id === called) ?? hide()
    const entries = views.filter(({ of: carried }) => carried.warning === called)
    const fresh = entries.filter(({ delivered }) => !delivered)
    const inner = idOfAlias(ctx.services.keys, partner, "warning", called)
    const text = `${JSON.stringify(mispEvent(ctx, inner, warning, entries), null, 2)}\n`
    await recordPage(ctx, {
        channel: "misp",
        collection: "event",
        hashed: text,
        cases: [inner],
        masters: entries.map(({ of: carried }) => carried.master),
        fresh: fresh.map(({ of: { master } }) => ({ master })),
        freshAt: fresh.map(({ added }) => added),
    })
    const versions = entries.map(({ of: { master } }) => versionOf(master))
    return whileSeen(new Text(text, "application/json"), { cases: [inner], versions })
}

export const routes = [
    route(
        {
            side: "portal",
            method: "GET",
            path: "/api/warnings/{id}/misp",
            permission: "copy:read",
            summary: "Returns one warning as a MISP event with unmarked texts, and records it first",
            params: byId,
        },
        async (ask) => await served(ask, ask.params.id),
    ),
]
