/** Defines the receipt of a change of a partner's keys, as the server writes it and the client checks it. */
import { type Static, Type } from "typebox"

const text = Type.String()
const textOrNull = Type.Union([text, Type.Null()])

const kinds = ["key_added", "key_confirmed", "key_accepted", "key_revoked"] as const

/** The body of the receipt. Instants are RFC 3339 texts in UTC. */
export const keyChangeSchema = Type.Object({
    kind: Type.Enum([...kinds]),
    at: text,
    /** The id to request the receipt with. */
    receipt: text,
    partner: text,
    /** The person of the partner; null: the operator. */
    person: textOrNull,
    /** The partner's changes are numbered from 1. */
    number: Type.Integer({ minimum: 1 }),
    /** The commitment of the change before, in hex; null for the first. */
    previous: textOrNull,
    /** The id of the key. */
    key: text,
    /** As `recipientText` shows it: a long one by its first characters and its SHA-256. */
    recipient: text,
    /** The key that confirmed it; null if none did. */
    confirmedBy: textOrNull,
    /** The approval by two staff members, of an acceptance only. */
    approval: textOrNull,
    /** Null: it waits. */
    usableFrom: textOrNull,
    expiresAt: text,
})

export type KeyChange = Readonly<Static<typeof keyChangeSchema>>

/** The changes of the partner's keys whose receipts were checked. */
export interface KnownKeys {
    /** Oldest first. */
    readonly changes: readonly KeyChange[]
    /** The commitment of the last change, in hex; null before the first. */
    readonly head: string | null
    /** The changes whose receipts were in no batch at the last look, in order. Each must stay as it is. */
    readonly pending: readonly PendingChange[]
}

/** A change that the server listed before its receipt was in the log. */
export interface PendingChange {
    readonly change: KeyChange
    /** The size of the log when the change was first seen. */
    readonly since: number
}
