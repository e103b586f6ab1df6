/**
 * Records polled pages before any byte is sent: one event for each page.
 *
 * A page carries unmarked text or the partner's own copy. The records tell inquiries and recalls what the partner has.
 */
import { hash } from "node:crypto"
import { type ActionContext, record, recordAtCommit } from "../../../kernel/action-context.ts"
import type { PolledChannel } from "../../delivery/channel.ts"
import type { Master } from "../../artifacts/actions/load-artifacts.ts"
import { type ServedMaster, recordDelivery } from "../../delivery/actions/record-delivery.ts"
import { partnerOf } from "../../delivery/actions/project-warnings.ts"
import { type Micros, setDelivered } from "../store.ts"

export interface ServedPage {
    readonly channel: Exclude<PolledChannel, "taxii_copy">
    readonly collection: string
    /** The page as it will be sent; in a page of objects, each object is replaced by its hash. */
    readonly hashInput: string | Buffer
    /** The ids of the cases on the page. */
    readonly cases: readonly string[]
    /** The artifact versions whose text is on the page, in whole or in part, each once. */
    readonly masters: readonly Pick<Master, "artifact" | "version">[]
    /** The versions that this reader gets for the first time since they were released. */
    readonly fresh: readonly ServedMaster[]
    /** The instants in the feed of what this reader gets for the first time. */
    readonly freshAt: readonly Micros[]
}

/** Returns the facts about a page that its event records. */
export function factsOf(partner: string, { channel, collection, cases, masters, hashInput }: ServedPage) {
    return {
        channel,
        collection,
        partner,
        cases,
        versions: masters.map(({ artifact, version }) => `${artifact}:${version}`),
        page: hash("sha256", hashInput, "hex"),
    }
}

/** Records a served page, and a delivery for each version that is new to the reader. */
export async function recordPage(ctx: ActionContext, page: ServedPage): Promise<void> {
    const { partner } = partnerOf(ctx)
    const { channel } = page
    const served = factsOf(partner, page)
    const delivered = page.freshAt.length > 0 ? setDelivered(ctx.tx, partner, page.freshAt) : null
    if (page.fresh.length === 0) {
        recordAtCommit(ctx, { kind: "objects.served", ...served })
        await delivered
        return
    }
    const [event] = await Promise.all([record(ctx, { kind: "objects.served", ...served }), delivered])
    for (const servedMaster of page.fresh) recordDelivery(ctx, event, channel, servedMaster)
}
