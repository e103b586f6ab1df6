/**
 * Handing out text to machines that poll, unmarked or as the partner's own copy: on record before a byte is
 * sent, one event a page, so that an inquiry and a recall know that the partner has it.
 */
import { createHash, hash } from "node:crypto"
import { unmarkedText } from "@tocsin/marks/carriers/resolved-text"
import { type ActionContext, record, recordLast } from "../../../../kernel/action-context.ts"
import type { PolledChannel } from "../../channel.ts"
import type { Master } from "../../../artifacts/actions.ts"
import { partnerOf } from "../../actions/projection.ts"
import { type Micros, setDelivered } from "../store/feed.ts"
import * as store from "../../store.ts"

/** `copy`: where it is the partner's own and not the unmarked text. */
export interface Given {
    readonly master: Master
    readonly copy?: Buffer | undefined
}

export interface ServedPage {
    readonly channel: Exclude<PolledChannel, "taxii copy">
    readonly collection: string
    /** As it will be sent; of a page of objects, with the hash of each in its place. */
    readonly hashed: string | Buffer
    /** The cases that it tells of, by their own ids. */
    readonly cases: readonly string[]
    /** Whose text stands in it, whole or in part; each once. */
    readonly masters: readonly Pick<Master, "artifact" | "version">[]
    /** Of these, what this reader is given for the first time since it came. */
    readonly fresh: readonly Given[]
    /** What it is given for the first time, by its instants. */
    readonly freshAt: readonly Micros[]
}

const saltBytes = 16
const sha256 = (...parts: readonly (string | Buffer)[]): Buffer => {
    const hash = createHash("sha256")
    for (const part of parts) hash.update(part)
    return hash.digest()
}

export function factsOf(partner: string, { channel, collection, cases, masters, hashed }: ServedPage) {
    return {
        ...{ channel, collection, partner, cases },
        versions: masters.map(({ artifact, version }) => `${artifact}:${version}`),
        page: hash("sha256", hashed, "hex"),
    }
}

export async function recordPage(ctx: ActionContext, page: ServedPage): Promise<void> {
    const { partner, person } = partnerOf(ctx)
    const { channel } = page
    const served = factsOf(partner, page)
    const given = page.freshAt.length > 0 ? setDelivered(ctx.tx, partner, page.freshAt) : null
    if (page.fresh.length === 0) {
        recordLast(ctx, { kind: "objects.served", ...served })
        await given
        return
    }
    const [event] = await Promise.all([record(ctx, { kind: "objects.served", ...served }), given])
    for (const { master, copy } of page.fresh) {
        const salt = ctx.services.random(saltBytes)
        store.insertDeliveryLast(ctx.tx, {
            ...{ id: ctx.services.newId(), event, partner, person, case_id: master.case },
            ...{ artifact: master.artifact, version: master.version, class: master.class },
            channel: copy === undefined ? channel : "taxii copy",
            ...{
                copy_hash: sha256(salt, copy ?? unmarkedText(master.name, master.content)),
                copy_salt: salt,
                at: ctx.now,
            },
        })
    }
}
