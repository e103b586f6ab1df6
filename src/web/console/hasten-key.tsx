/** For a partner that has lost what it had: a new key that waits is asked to count at once, and a second person signs. */
import { parseInstant } from "../../lib/instant.ts"
import { FormDialog } from "../kit/form.tsx"
import type { Key, Partner } from "./answers.ts"
import { useNow, useWhyNot } from "./viewer.tsx"

export function HastenKey({ of, its }: { of: Partner; its: Key }) {
    const now = parseInstant(useNow())
    const not = useWhyNot()("partner:write")
    const isUsable = (key: Key) =>
        key.revokedAt === null && parseInstant(key.usableFrom) <= now && now < parseInstant(key.expiresAt)
    if (its.revokedAt !== null || parseInstant(its.usableFrom) <= now || of.keys.some(isUsable)) return null
    return (
        <FormDialog
            button="Activate new key…"
            title={`${of.name} has lost its key`}
            submit="Ask for a signature"
            not={not ?? (its.testedAt === null ? "it has to open a test copy with this key first" : null)}
            asked={[]}
            write={() => ({ method: "POST", path: `/api/partners/${of.id}/keys/${its.id}/activate`, body: {} })}
        >
            <p>
                This key then counts at once, and not after its 24 hours. Whoever has taken over a lead's session would
                ask for just that: call the partner by a number that you have from elsewhere, and have it read out:
            </p>
            <p>
                <code className="hash">{its.recipient}</code>
            </p>
        </FormDialog>
    )
}
