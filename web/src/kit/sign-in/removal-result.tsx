/** Tells the viewer which sign-ins a removal ended. */
import { listText, t } from "../../messages/message.ts"

const texts = {
    sessions: (count: number) => t("{count, plural, one {# session} other {# sessions}}", { count }),
    tokens: (count: number) => t("{count, plural, one {# token} other {# tokens}}", { count }),
    links: (count: number) => t("{count, plural, one {# link} other {# links}}", { count }),
    passkeys: (count: number) => t("{count, plural, one {# passkey} other {# passkeys}}", { count }),
    connectedAccounts: (count: number) =>
        t("{count, plural, one {# connected account} other {# connected accounts}}", { count }),
    machineClients: (count: number) =>
        t("{count, plural, one {# machine client} other {# machine clients}}", { count }),
}

type Kind = keyof typeof texts

/** How many of each kind were valid. */
export type EndedCounts = Readonly<Record<Kind, number>>

/** Lists the ended sign-ins of a person; empty unless the viewer has just removed it. */
export function RemovalResult({ ended }: { ended: EndedCounts | null }) {
    if (ended === null) return null
    const items = (Object.keys(texts) as Kind[])
        .filter((kind) => ended[kind] > 0)
        .map((kind) => texts[kind](ended[kind]))
    return (
        <output>
            {items.length === 0 ? t("no sign-in was left to end") : t("ended: {items}", { items: listText(items) })}
        </output>
    )
}
