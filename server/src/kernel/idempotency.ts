/**
 * Makes a repeated POST with the same idempotency key and person return the first answer.
 *
 * The answer is saved in the action's transaction, so a failed attempt is not saved. Answers are encrypted and deleted
 * after a day, because some hold a secret that is stored nowhere else.
 */
import { createHash } from "node:crypto"
import { refuse } from "@tocsin/base/refusal"
import type { Side } from "./route.ts"
import type { Tx } from "../platform/postgres/db.ts"
import type { Keys } from "../platform/crypto/keys.ts"
import { encryptText, decryptText } from "../platform/crypto/vault.ts"

export interface IdempotentCall {
    readonly side: Side
    readonly person: string
    readonly route: string
    readonly key: string
    readonly request: unknown
}

/** Scopes of the data keys. The portal's process does not get the first: staff are answered with tokens. */
const scopes: Readonly<Record<Side, string>> = { console: "console_answers", portal: "portal_answers" }

/**
 * Runs `run` once per key and returns the saved answer afterwards. Refuses `request.bad_idempotency_key` for a key of
 * another length, and `request.key_reused` for another request with the same key.
 */
export async function runIdempotently(
    tx: Tx,
    keys: Keys,
    call: IdempotentCall,
    run: () => Promise<unknown>,
): Promise<unknown> {
    if (!(call.key.length >= 8 && call.key.length <= 128)) {
        refuse(
            "invalid",
            "request.bad_idempotency_key",
            "the `Idempotency-Key` header has a wrong length: use 8 to 128 characters",
        )
    }
    const keyHash = sha256(JSON.stringify([call.person, call.route, call.key]))
    const requestHash = sha256(JSON.stringify(call.request ?? null))
    await tx.query("select pg_advisory_xact_lock(3, hashtext($1))", [keyHash.toString("hex")])
    await deleteOldAnswers(tx)
    const [saved] = await tx.query<{ request: Buffer; answer_ciphertext: Buffer; scope: string }>(
        "select request, answer_ciphertext, scope from idempotency_answers where key = $1",
        [keyHash],
    )
    const place = `idempotency_answers.answer:${keyHash.toString("hex")}`
    if (saved) {
        if (!saved.request.equals(requestHash)) {
            refuse(
                "conflict",
                "request.key_reused",
                "this `Idempotency-Key` was used for another request: use a new key",
            )
        }
        return JSON.parse(await decryptText(tx, keys, saved.scope, place, saved.answer_ciphertext)) as unknown
    }
    const answer = await run()
    const scope = scopes[call.side]
    await tx.query(
        `insert into idempotency_answers (key, request, answer_ciphertext, scope, at)
         values ($1, $2, $3, $4, clock_timestamp())`,
        [keyHash, requestHash, await encryptText(tx, keys, scope, place, JSON.stringify(answer ?? null)), scope],
    )
    return answer
}

/** Deletes answers older than a day. Skips rows that another transaction deletes now. */
async function deleteOldAnswers(tx: Tx): Promise<void> {
    await tx.query(
        `delete from idempotency_answers where key in (select key from idempotency_answers
         where at < clock_timestamp() - interval '1 day' order by at limit 100 for update skip locked)`,
    )
}

function sha256(text: string): Buffer {
    return createHash("sha256").update(text).digest()
}
