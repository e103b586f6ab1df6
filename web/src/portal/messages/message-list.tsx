/** Messages in groups at the left, and the chosen one beside them. */
import { parseInstant } from "@tocsin/base/instant"
import type { ReactNode } from "react"
import { When, distance } from "../../kit/instant.tsx"
import { Badge } from "../../kit/table.tsx"
import { useMe } from "../viewer.ts"
import { t } from "../../messages/message.ts"

export interface MessageRow {
    readonly id: string
    readonly title: string
    readonly detail: string
    readonly at: string
    /** When an answer is due; null: no deadline. */
    readonly answerBy: string | null
}

interface MessageListProps {
    label: string
    groups: readonly { readonly name: string; readonly rows: readonly MessageRow[] }[]
    chosen: string | null
    onChoose: (id: string) => void
    children: ReactNode
}

export function MessageList({ label, groups, chosen, onChoose, children }: MessageListProps) {
    const { now } = useMe()
    return (
        <div className="panel messages">
            <nav aria-label={label}>
                {groups
                    .filter(({ rows }) => rows.length > 0)
                    .map(({ name, rows }) => (
                        <div key={name}>
                            <h2>
                                {name}, {rows.length}
                            </h2>
                            <ul>
                                {rows.map(({ id, title, detail, at, answerBy }) => (
                                    <li key={id}>
                                        <button
                                            type="button"
                                            className={id === chosen ? "on" : ""}
                                            {...(id === chosen && { "aria-current": true })}
                                            onClick={() => onChoose(id)}
                                        >
                                            <strong>{title}</strong>
                                            <span className="soft">{detail}</span>
                                            <span className="muted small">
                                                <When at={at} short />
                                            </span>
                                            {answerBy !== null && (
                                                <Badge tone="due">
                                                    {t("due {distance}", {
                                                        distance: distance(parseInstant(answerBy), parseInstant(now)),
                                                    })}
                                                </Badge>
                                            )}
                                        </button>
                                    </li>
                                ))}
                            </ul>
                        </div>
                    ))}
            </nav>
            <div className="messages-main">{children}</div>
        </div>
    )
}
