/**
 * Calls to webhooks. A call is a row before it is made; it is made outside of any transaction, so that nobody's slow host
 * holds a connection or a lock; and what came of it is written after.
 *
 * Whether it may be made is asked when it is taken, and once more when all is ready and nothing was said: whoever was
 * suspended in between, or has deleted it, is called no more. One partner has one call under way, so that a slow one holds
 * up nobody else; and all partners together have a few.
 */
import { headersOf } from "../../../lib/standard-webhooks.ts"
import type { Doors } from "../../../platform/doors.ts"
import { causeOf } from "../../../platform/log.ts"
import type { Outcome } from "../../../platform/outgoing.ts"
import { unseal, unsealBytes } from "../../../platform/vault.ts"
import type { Chore } from "../../../platform/worker.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { standingOf } from "../../../trust/partners/actions/facts.ts"
import { reachesCases } from "../../../trust/partners/partner.ts"
import { frozenWaves } from "../../waves/actions.ts"
import * as store from "../store.ts"
import { type CallOutcome, bodyOf, firstAt, judged, nonceBytes, retryAt } from "../webhook.ts"
import { addressPlace, chanceOf, scopeOf, secretPlace, signingKeyOf } from "./sealed.ts"

/** Of all partners together. */
const underWayMax = 32
/** Longer than any call takes. */
const leaseMs = 30_000

/** One call to each webhook of these partners, about a wave or about none. */
export async function callPartners(act: Act, wave: string | null, partners: readonly string[]): Promise<void> {
    const realNow = act.doors.realNow()
    for (const partner of partners) {
        for (const { id, disabledAt } of await store.webhooks(act.tx, partner)) {
            if (disabledAt !== null) continue
            const call = { id: act.doors.newId(), webhook: id, wave }
            await store.insertCall(act.tx, call, firstAt(realNow, chanceOf(act)), realNow)
        }
    }
}

interface Ready extends store.CallRow {
    readonly address: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: Buffer
}

/** By the doors of each program in this process. */
const underWay = new WeakMap<Doors, Set<Promise<void>>>()

/** Sets calls going up to the bound, and waits for none: a look later there may be place again. */
export const calling: Chore = {
    name: "calling",
    waiting: store.callsWaiting,
    run: async (doors) => {
        const its = underWay.get(doors) ?? new Set()
        underWay.set(doors, its)
        if (its.size >= underWayMax) return false
        const taken = await take(doors)
        if (taken === null) return false
        if (taken !== "dropped") {
            const made = make(doors, taken).finally(() => its.delete(made))
            its.add(made)
        }
        return true
    },
    settle: async (doors) => void (await Promise.all([...(underWay.get(doors) ?? [])])),
}

const acting = <T>(doors: Doors, work: (act: Act) => Promise<T>): Promise<T> =>
    doors.db.transaction(async (tx) =>
        work({ tx, now: await doors.clock.now(tx), doors, actor: { kind: "system", step: "calling" } }),
    )

/** Null: nothing is due. */
async function take(doors: Doors): Promise<Ready | "dropped" | null> {
    return await acting(doors, async (act) => {
        const realNow = doors.realNow()
        const call = await store.takeDueCall(act.tx, realNow, await frozenWaves(act))
        if (!call) return null
        if (call.disabled || !reachesCases(await standingOf(act, call.partner))) {
            await drop(act, call)
            return "dropped"
        }
        const row = (await store.webhooks(act.tx, call.partner)).find(({ id }) => id === call.webhook)
        if (!row) return "dropped"
        await store.setUnderWay(act.tx, call.id, realNow + leaseMs)
        return { ...call, tries: call.tries + 1, ...(await written(act, row, call.id)) }
    })
}

async function drop(act: Act, call: store.CallRow): Promise<void> {
    await store.endCall(act.tx, call, "dropped")
    await record(act, { kind: "webhook.dropped", webhook: call.webhook, partner: call.partner, call: call.id })
}

/** What goes out: of one size, with a nonce that no other call ever has, signed for this try. */
async function written(
    act: Act,
    row: store.WebhookRow,
    id: string,
): Promise<Pick<Ready, "address" | "headers" | "body">> {
    const { tx, doors } = act
    const realNow = doors.realNow()
    const scope = scopeOf(row.partner)
    const secrets = [await unsealBytes(tx, doors.keys, scope, secretPlace(row.id), row.secret_ciphertext)]
    const signs = [(await signingKeyOf(act, row, row.signing_ciphertext)).sign]
    if ((row.previousUntil ?? 0) > realNow && row.previous_ciphertext !== null) {
        secrets.push(await unsealBytes(tx, doors.keys, scope, secretPlace(row.id), row.previous_ciphertext))
        signs.push((await signingKeyOf(act, row, row.previous_signing_ciphertext)).sign)
    }
    const body = Buffer.from(bodyOf(doors.random(nonceBytes).toString("base64url"), realNow))
    const message = { id, timestamp: Math.floor(realNow / 1000), body }
    return {
        address: await unseal(tx, doors.keys, scope, addressPlace(row.id), row.address_ciphertext),
        headers: headersOf(message, { secrets, signs }),
        body,
    }
}

/** Never throws: what cannot be written down is tried again once it is given up. */
async function make(doors: Doors, call: Ready): Promise<void> {
    try {
        const mayGo = () => acting(doors, (act) => mayBeCalled(act, call))
        const outcome = await doors.outgoing.post({ ...call, mayGo })
        await acting(doors, (act) => note(act, call, outcome))
    } catch (error) {
        doors.log.error("call failed", { id: call.id, error: causeOf(error) })
    }
}

async function mayBeCalled(act: Act, { webhook, partner }: Ready): Promise<boolean> {
    const row = await store.lockWebhook(act.tx, webhook)
    return row !== undefined && row.disabledAt === null && reachesCases(await standingOf(act, partner))
}

async function note(act: Act, call: Ready, outcome: Outcome): Promise<void> {
    const row = await store.lockWebhook(act.tx, call.webhook)
    if (!row || !(await store.lockCall(act.tx, call.id, call.tries))) return
    if (outcome === "withheld") return await drop(act, call)
    const realNow = act.doors.realNow()
    const { failingSince, disabled } = judged(row.failingSince, outcome, realNow)
    const disabledAt = disabled ? realNow : null
    await store.setOutcome(act.tx, row.id, { outcome, at: realNow, failingSince, disabledAt })
    if (outcome === "2xx") return await sent(act, call)
    if (!disabled) {
        return await store.postponeCall(act.tx, call, retryAt(call.tries, realNow, chanceOf(act)))
    }
    await disable(act, call, outcome)
}

async function sent(act: Act, call: Ready): Promise<void> {
    await store.endCall(act.tx, call, "sent")
    const { id, webhook, partner, wave } = call
    await record(act, { kind: "webhook.called", webhook, partner, call: id, wave })
}

async function disable(act: Act, call: Ready, outcome: CallOutcome): Promise<void> {
    await store.endDueCalls(act.tx, call.webhook, "failed")
    await store.endCall(act.tx, call, "failed")
    await record(act, {
        kind: "webhook.disabled",
        webhook: call.webhook,
        partner: call.partner,
        gone: outcome === "410",
    })
}
