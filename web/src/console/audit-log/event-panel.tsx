/** One event: who did what, to which objects, and its place in the tree. */
import { type ReactNode, useEffect } from "react"
import { useRead } from "../api.ts"
import type { ChangeSearch } from "../../kit/address.ts"
import { Button } from "../../kit/button.tsx"
import { When } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Facts } from "../../kit/table.tsx"
import type { Event } from "../answers.ts"
import { fieldNames } from "./event-fields.ts"
import { type Naming, ObjectName, Sentence, actorOf, subjectsOf } from "./event-names.tsx"
import { isId, namedFields, sentenceOf, textOf } from "./sentence.ts"
import { locale, t, valueText } from "../../messages/message.ts"

interface EventPanelProps {
    seq: number
    /** The events that the page has read already. */
    events: readonly Event[]
    naming: Naming
    change: ChangeSearch
}

export function EventPanel({ seq, events, naming, change }: EventPanelProps) {
    const read = events.find((event) => event.seq === seq)
    const page = useRead(read === undefined ? (`/api/audit-log?after=${seq + 1}` as "/api/audit-log") : null)
    const close = () => change({ event: null })
    useEscape(close)
    return (
        <aside className="log-event" aria-label={t("Event")}>
            <div className="side-panel-head">
                <h2>{t("Event")}</h2>
                <Button look="quiet" label={t("Close")} onPress={close}>
                    <Icon name="close" />
                </Button>
            </div>
            {read === undefined ? (
                <Loaded query={page}>
                    {({ events: [found] }) =>
                        found?.seq === seq ? (
                            <EventFacts event={found} naming={naming} change={change} />
                        ) : (
                            <Empty title={t("No event has this number.")} />
                        )
                    }
                </Loaded>
            ) : (
                <EventFacts event={read} naming={naming} change={change} />
            )}
        </aside>
    )
}

function useEscape(close: () => void): void {
    useEffect(() => {
        const onKey = (event: globalThis.KeyboardEvent) => {
            if (event.key === "Escape" && !event.defaultPrevented) close()
        }
        window.addEventListener("keydown", onKey)
        return () => window.removeEventListener("keydown", onKey)
    })
}

interface EventFactsProps {
    event: Event
    naming: Naming
    change: ChangeSearch
}

function EventFacts({ event, naming, change }: EventFactsProps) {
    const { at, kind, body, index, confidential } = event
    const subjects = subjectsOf(body)
    const facts: (readonly [string, ReactNode])[] = [
        [t("When"), <When key="at" at={at} />],
        [t("Actor"), actorOf(body, naming)],
        [t("Event"), <Sentence key="event" parts={sentenceOf(kind, body)} naming={naming} />],
        ...otherFacts(body, naming),
        [t("Kind"), <code key="kind">{kind}</code>],
        [t("Number"), index === null ? t("not in the tree yet") : index.toLocaleString(locale)],
    ]
    return (
        <>
            {confidential && <Badge>{t("confidential")}</Badge>}
            <Facts items={facts} />
            <div className="row">
                {subjects.map(({ object, id }) => (
                    <Button key={id} onPress={() => change({ [object]: id, after: null })}>
                        {object === "case" ? t("Events of this case") : t("Events of this partner")}
                    </Button>
                ))}
            </div>
        </>
    )
}

/** The fields that no sentence names: objects by name, the rest as values. */
function otherFacts(body: Event["body"], naming: Naming): (readonly [string, ReactNode])[] {
    return Object.entries(body ?? {})
        .filter(([field, value]) => isShown(field, value))
        .map(([field, value]) => {
            const object = namedFields[field]
            const shown =
                object !== undefined && typeof value === "string" ? (
                    <ObjectName key={field} object={object} id={value} naming={naming} />
                ) : (
                    textOf(field, value)
                )
            return [fieldNames[field] ?? valueText(field), shown] as const
        })
}

/** The actor has its own line, and an id without a name tells a reader nothing. */
function isShown(field: string, value: unknown): boolean {
    if (value === null || field === "by" || field === "step") return false
    return namedFields[field] !== undefined || typeof value !== "string" || !isId(value)
}
