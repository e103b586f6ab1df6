/** The chosen filing: its facts, its draft, what comes next, and the history of its clock. */
import { useSyncExternalStore } from "react"
import { useRead } from "../../api.ts"
import { When } from "../../../kit/instant.tsx"
import { Link } from "@tanstack/react-router"
import { Loaded, NoAccess, Notice } from "../../../kit/notice.tsx"
import { Badge, Section } from "../../../kit/table.tsx"
import { useNames, useNow, useWhyNot } from "../../artifacts/viewer.tsx"
import type { ClockRow, ClockEntry } from "../../clocks/clock-answers.ts"
import { deadlineTextOf } from "../../clocks/filing-text.ts"
import { DraftPanel } from "./draft-panel.tsx"
import { FactSheet } from "./fact-sheet.tsx"
import { type ClockFiling, addressOf, filingsAfter, statusOf } from "./filing-rows.ts"
import { parseInstant } from "@tocsin/base/instant"
import { rich, t, valueText } from "../../../messages/message.ts"

interface DetailProps {
    item: ClockFiling
    clocks: readonly ClockRow[]
}

export function FilingDetail({ item, clocks }: DetailProps) {
    const whyNot = useWhyNot()("filing:write")
    const isNarrow = useIsNarrow()
    const facts = useRead(whyNot === null ? (`/api/regulatory-clocks/${item.clock.id}/facts` as const) : null)
    if (whyNot !== null) {
        return (
            <div className="filing-columns">
                <NoAccess reason={whyNot} />
                <Aside item={item} clocks={clocks} />
            </div>
        )
    }
    return (
        <Loaded query={facts}>
            {(facts) => (
                <div className="filing-columns">
                    {item.clock.terms.state === "undecided" && !item.clock.closed && <Undecided />}
                    {!isNarrow && <FactSheet clock={item.clock} facts={facts} />}
                    <div className="flow">
                        <DraftPanel item={item} facts={facts} />
                        <Aside item={item} clocks={clocks} />
                    </div>
                    {isNarrow && (
                        <details className="folded">
                            <summary>{t("Facts, and the drafts that use them")}</summary>
                            <FactSheet clock={item.clock} facts={facts} />
                        </details>
                    )}
                </div>
            )}
        </Loaded>
    )
}

function Undecided() {
    return (
        <div className="whole">
            <Notice tone="due">
                {t("You have not decided whether this regime applies to you.")}
                <Link to="/settings/regimes" className="button plain">
                    {t("Open Regimes")}
                </Link>
            </Notice>
        </div>
    )
}

const narrow = "(max-width: 1180px)"

/** The form has the same facts, so a narrow window folds the sheet below it. */
function useIsNarrow(): boolean {
    return useSyncExternalStore(
        (onChange) => {
            const query = window.matchMedia(narrow)
            query.addEventListener("change", onChange)
            return () => query.removeEventListener("change", onChange)
        },
        () => window.matchMedia(narrow).matches,
    )
}

function Aside({ item, clocks }: DetailProps) {
    return (
        <>
            <NextFilings items={filingsAfter(clocks, item)} />
            <History clock={item.clock} />
        </>
    )
}

function NextFilings({ items }: { items: readonly ClockFiling[] }) {
    const now = parseInstant(useNow())
    if (items.length === 0) return null
    return (
        <Section title={t("Next filings")} count={items.length}>
            <ol className="panel list">
                {items.map((item) => {
                    const { badge, tone } = statusOf(item, now)
                    return (
                        <li key={addressOf(item)}>
                            <div className="grow">
                                <Link className="title" to={addressOf(item)} resetScroll={false}>
                                    {item.filing.title}
                                </Link>
                                <div className="why">{deadlineTextOf(item.clock.terms, item.filing.id)}</div>
                            </div>
                            <div className="by">
                                {item.filing.dueAt !== null && <When at={item.filing.dueAt} short />}
                            </div>
                            <Badge tone={tone}>{badge}</Badge>
                        </li>
                    )
                })}
            </ol>
        </Section>
    )
}

function History({ clock }: { clock: ClockRow }) {
    return (
        <details className="folded">
            <summary>{t("History of the clock")}</summary>
            <ol className="history">
                {clock.history.toReversed().map((entry, n) => (
                    <li key={clock.history.length - n}>
                        <Entry entry={entry} clock={clock} />
                    </li>
                ))}
            </ol>
        </details>
    )
}

function Entry({ entry, clock }: { entry: ClockEntry; clock: ClockRow }) {
    const names = useNames()
    const filing = clock.filings.find(({ id }) => id === entry.filing)?.title
    const recordedAt = <When at={entry.at} short />
    return (
        <span className="stack">
            <span>
                <strong>{valueText(entry.kind)}</strong> {filing}{" "}
                {entry.since === null ? entry.kind === "fix" && t("none is available") : <When at={entry.since} />}
            </span>
            {entry.reference !== "" && <span>{t("reference {reference}", { reference: entry.reference })}</span>}
            {entry.text !== "" && <span className="letter">{entry.text}</span>}
            <span className="muted">
                {entry.by === null
                    ? rich("recorded {recordedAt}, automatically", { recordedAt })
                    : rich("recorded {recordedAt} by {person}", { recordedAt, person: names.person(entry.by) })}
            </span>
        </span>
    )
}
