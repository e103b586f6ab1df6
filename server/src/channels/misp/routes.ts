/**
 * Route of a warning for a partner's MISP. Each read is decided and recorded, as with CSAF and TAXII. Nothing is
 * stored.
 */
import { TextAnswer, hide } from "../../kernel/route.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { idOfAlias } from "../../share/delivery/actions/resolve-alias.ts"
import { type Warning, partnerOf, listWarnings } from "../../share/delivery/actions/project-warnings.ts"
import { recordPage } from "../../share/feed/actions/record-page.ts"
import { readUncachedFeed } from "../../share/feed/actions/read-feed.ts"
import { type RevocableText, versionOf, whileVisible } from "../../share/delivery/actions/check-in-flight.ts"
import { listEventTexts, mispEvent } from "./event.ts"
import { byId } from "../../kernel/schemas.ts"

async function serveEvent(ctx: ActionContext, alias: string): Promise<RevocableText> {
    const { partner } = partnerOf(ctx)
    let warnings: readonly Warning[] = []
    const listTexts = async (current: ActionContext) => {
        warnings = await listWarnings(current, partner)
        return await listEventTexts(current, partner, warnings)
    }
    const views = await readUncachedFeed(
        ctx,
        "misp",
        listTexts,
        ({ master }) => `misp ${master.artifact} ${master.version}`,
    )
    const warning = warnings.find(({ id }) => id === alias) ?? hide()
    const entries = views.filter(({ item: eventText }) => eventText.warning === alias)
    const fresh = entries.filter(({ delivered }) => !delivered)
    const caseId = idOfAlias(ctx.services.keys, partner, "warning", alias)
    const text = `${JSON.stringify(mispEvent(ctx, caseId, warning, entries), null, 2)}\n`
    await recordPage(ctx, {
        channel: "misp",
        collection: "event",
        hashInput: text,
        cases: [caseId],
        masters: entries.map(({ item: eventText }) => eventText.master),
        fresh: fresh.map(({ item: { master } }) => ({ master })),
        freshAt: fresh.map(({ added }) => added),
    })
    const versions = entries.map(({ item: { master } }) => versionOf(master))
    return whileVisible(new TextAnswer(text, "application/json"), { cases: [caseId], versions })
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
        async (ctx) => await serveEvent(ctx, ctx.params.id),
    ),
]
