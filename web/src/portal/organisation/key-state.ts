/** The state of a key at an instant, for its page, the lists and the frame. */
import { parseInstant } from "@tocsin/base/instant"
import { isEnded, isRevoked, isUsable, keysForFile } from "../../../../server/src/trust/partners/keys/key.ts"
import { isOpenPgp } from "@tocsin/client/openpgp-recipient"
import { formatOf } from "@tocsin/client/sealed-format"
import { dayOf } from "../../kit/instant.tsx"
import type { Tone } from "../../kit/notice.tsx"
import type { Key, Me } from "../answers.ts"
import { t } from "../../messages/message.ts"

export type Times = Pick<Key, "id" | "addedBy" | "addedAt" | "usableFrom" | "expiresAt" | "revokedAt">

export const timesOf = (key: Times) => ({
    id: key.id,
    partner: "",
    addedBy: key.addedBy,
    addedAt: parseInstant(key.addedAt),
    usableFrom: key.usableFrom === null ? null : parseInstant(key.usableFrom),
    expiresAt: parseInstant(key.expiresAt),
    revokedAt: key.revokedAt === null ? null : parseInstant(key.revokedAt),
})

export function usableIn({ now, partner }: Me): Key[] {
    return partner.keys.filter((key) => isUsable(timesOf(key), parseInstant(now)))
}

/** Whether copies are sealed to OpenPGP keys, so that this browser cannot open them. */
export const hasOpenPgpOnly = (me: Me): boolean =>
    keysForFile(usableIn(me), null).some(({ recipient }) => formatOf(recipient) === "openpgp")

/** The first and last characters of a recipient. */
export const shortRecipient = (recipient: string): string =>
    `${recipient.slice(0, isOpenPgp(recipient) ? 12 : 9)}…${recipient.slice(-4)}`

/** A key's state in one word. */
export function keyState(times: Times, now: string): { readonly name: string; readonly tone: Tone } {
    const [key, at] = [timesOf(times), parseInstant(now)]
    if (isRevoked(key, at)) return { name: t("revoked"), tone: "plain" }
    if (isEnded(key, at)) return { name: t("expired"), tone: "bad" }
    return isUsable(key, at) ? { name: t("usable"), tone: "good" } : { name: t("waiting"), tone: "due" }
}

interface KeySummary {
    readonly isUsable: boolean
    readonly text: string
}

/** Says in one line whether the partner has a key in use, and until when. */
export function keySummary(me: Me): KeySummary {
    const usable = latestEnd(usableIn(me))
    if (usable !== undefined)
        return { isUsable: true, text: t("Key in use until {day}", { day: dayOf(usable.expiresAt) }) }
    const keys = me.partner.keys.filter(({ revokedAt }) => revokedAt === null)
    const coming = keys.find((key) => !isEnded(timesOf(key), parseInstant(me.now)))
    if (coming?.usableFrom === null) return { isUsable: false, text: t("Key waits for confirmation") }
    if (coming !== undefined)
        return { isUsable: false, text: t("Key usable from {day}", { day: dayOf(coming.usableFrom) }) }
    const last = latestEnd(keys)
    return {
        isUsable: false,
        text: last === undefined ? t("No key yet") : t("Key expired {day}", { day: dayOf(last.expiresAt) }),
    }
}

const latestEnd = (keys: readonly Key[]): Key | undefined =>
    keys.toSorted((a, b) => parseInstant(b.expiresAt) - parseInstant(a.expiresAt))[0]
