/** Records the versions that a page of a polled channel hands out to a partner for the first time. */
import { createHash } from "node:crypto"
import { unmarkedText } from "@tocsin/marks/carriers/resolved-text"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Master } from "../../artifacts/actions/load-artifacts.ts"
import type { PolledChannel } from "../channel.ts"
import { insertDeliveryLast } from "../store/deliveries.ts"
import { partnerOf } from "./project-warnings.ts"

/** A served master; `copy` where it is the partner's own copy instead of the unmarked text. */
export interface ServedMaster {
    readonly master: Master
    readonly copy?: Buffer | undefined
}

const saltBytes = 16

/** Inserts a delivery with the commit. `event`: the number of the event that recorded the page. */
export function recordDelivery(
    ctx: ActionContext,
    event: number,
    channel: Exclude<PolledChannel, "taxii_copy">,
    { master, copy }: ServedMaster,
): void {
    const { partner, person } = partnerOf(ctx)
    const salt = ctx.services.random(saltBytes)
    const text = copy ?? unmarkedText(master.name, master.content)
    insertDeliveryLast(ctx.tx, {
        id: ctx.services.newId(),
        event,
        partner,
        person,
        case_id: master.case,
        artifact: master.artifact,
        version: master.version,
        class: master.class,
        channel: copy === undefined ? channel : "taxii_copy",
        copy_hash: createHash("sha256").update(salt).update(text).digest(),
        copy_salt: salt,
        at: ctx.now,
    })
}
