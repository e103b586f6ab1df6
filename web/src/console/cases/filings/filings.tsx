/** The filings of a case: one card each, and for the chosen one its facts, its draft and its submission. */
import { parseInstant } from "@tocsin/base/instant"
import { Link } from "@tanstack/react-router"
import { wordsOf } from "../../../kit/instant.tsx"
import { Empty, Loaded, NoAccess } from "../../../kit/notice.tsx"
import { Badge } from "../../../kit/table.tsx"
import { Meter } from "../../../kit/meter.tsx"
import { useNow, useWhyNot } from "../../artifacts/viewer.tsx"
import { type ClockRow, useClocks } from "../../clocks/clock-answers.ts"
import { deadlineTextOf } from "../../clocks/filing-text.ts"
import { StartClock } from "../../clocks/clock-actions.tsx"
import { FilingDetail } from "./filing-detail.tsx"
import { type ClockFiling, addressOf, filingsIn, isSame, shownFiling, statusOf, timeUsed } from "./filing-rows.ts"
import { rich, t } from "../../../messages/message.ts"

interface FilingsProps {
    caseId: string
    /** Empty: the next due filing. */
    clock: string
    filing: string
}

export function Filings({ caseId, clock, filing }: FilingsProps) {
    const whyNot = useWhyNot()("filing:read")
    const query = useClocks(caseId)
    if (whyNot !== null) return <NoAccess reason={whyNot} />
    return (
        <Loaded query={query}>
            {({ clocks }) =>
                clocks.length === 0 ? (
                    <NoClock caseId={caseId} />
                ) : (
                    <FilingsOf clocks={clocks} chosen={shownFiling(clocks, clock, filing)} />
                )
            }
        </Loaded>
    )
}

function NoClock({ caseId }: { caseId: string }) {
    return (
        <>
            <Empty title={t("No regulatory clock runs for this case.")}>
                {rich(
                    "Reported exploitation starts the clocks of the regimes in force or undecided. A person starts the clock of a severe incident. See <link>Settings, Regimes</link>.",
                    { link: (text) => <Link to="/settings/regimes">{text}</Link> },
                )}
            </Empty>
            <div className="row">
                <StartClock id={caseId} />
            </div>
        </>
    )
}

function FilingsOf({ clocks, chosen }: { clocks: readonly ClockRow[]; chosen: ClockFiling | null }) {
    return (
        <>
            <section className="section" aria-label={t("Filings")}>
                <p className="soft">{t("Tocsin submits nothing. A person submits each filing to the authority.")}</p>
                <ul className="filings">
                    {filingsIn(clocks).map((item) => (
                        <FilingCard
                            key={addressOf(item)}
                            item={item}
                            isChosen={isSame(chosen, item)}
                            hasRegime={clocks.length > 1}
                        />
                    ))}
                </ul>
            </section>
            {chosen === null ? (
                <Empty title={t("No filing has this address.")}>{t("Choose one of the filings above.")}</Empty>
            ) : (
                <FilingDetail key={addressOf(chosen)} item={chosen} clocks={clocks} />
            )}
        </>
    )
}

interface CardProps {
    item: ClockFiling
    isChosen: boolean
    /** Several clocks run: names the regime. */
    hasRegime: boolean
}

function FilingCard({ item, isChosen, hasRegime }: CardProps) {
    const now = parseInstant(useNow())
    const { figure, badge, tone } = statusOf(item, now)
    return (
        <li className={isChosen ? "on" : ""}>
            <Link to={addressOf(item)} {...(isChosen && { "aria-current": "true" as const })} resetScroll={false}>
                <span className="filing-head">
                    <b>{item.filing.title}</b>
                    <Badge tone={tone}>{badge}</Badge>
                </span>
                <span className={`left ${tone}`}>{figure}</span>
                {hasRegime && <span className="soft">{item.clock.terms.title}</span>}
                <span className="soft">{dueText(item)}</span>
                <Meter share={timeUsed(item, now)} tone={tone === "plain" ? "" : tone} />
            </Link>
        </li>
    )
}

function dueText({ clock, filing: { dueAt, submittedAt, id } }: ClockFiling): string {
    if (submittedAt !== null) return wordsOf(submittedAt)
    if (dueAt !== null) return t("due before {due}", { due: wordsOf(dueAt) })
    return deadlineTextOf(clock.terms, id)
}
