/** Regulatory clocks: the filings that are due in all cases. */
import { Link } from "@tanstack/react-router"
import { parseInstant } from "@tocsin/base/instant"
import { When, distance } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Section } from "../../kit/table.tsx"
import { useNames, useNow } from "../artifacts/viewer.tsx"
import { type ClockFiling, addressOf, filingsToSubmit, statusOf } from "../cases/filings/filing-rows.ts"
import { useClocks } from "./clock-answers.ts"
import { deadlineTextOf } from "./filing-text.ts"
import { rich, t } from "../../messages/message.ts"

export function ClocksScreen() {
    const clocks = useClocks(null)
    return (
        <Page title={t("Regulatory clocks")} lead={t("What you must file with authorities, and by when.")}>
            <Section title={t("Running clocks")}>
                <p className="caution">
                    {rich(
                        "Tocsin sends nothing to an authority. You decide which laws apply to you, under <regimes>Regimes</regimes>.",
                        { regimes: (text) => <Link to="/settings/regimes">{text}</Link> },
                    )}
                </p>
                <Loaded query={clocks}>{({ clocks }) => <Running items={filingsToSubmit(clocks)} />}</Loaded>
            </Section>
        </Page>
    )
}

function Running({ items }: { items: readonly ClockFiling[] }) {
    if (items.length === 0) return <Empty title={t("No regulatory clock runs.")} />
    return (
        <ul className="panel list">
            {items.map((item) => (
                <RunningRow key={addressOf(item)} item={item} />
            ))}
        </ul>
    )
}

function RunningRow({ item }: { item: ClockFiling }) {
    const { clock, filing } = item
    const names = useNames()
    const now = parseInstant(useNow())
    const { badge, tone } = statusOf(item, now)
    return (
        <li>
            <span className={`square ${tone === "plain" ? "" : tone}`}>
                <Icon name={tone === "bad" ? "alarm" : "clock"} />
            </span>
            <div className="grow">
                <Link to={addressOf(item)} className="title">
                    {filing.title}
                </Link>
                <div className="why">
                    {t("{case}, {regime}", { case: names.case(clock.case), regime: clock.terms.title })}
                </div>
            </div>
            <div className="by">
                {filing.dueAt === null ? (
                    <small>{deadlineTextOf(clock.terms, filing.id)}</small>
                ) : (
                    <>
                        <b className={tone}>{distance(parseInstant(filing.dueAt), now)}</b>
                        <small>
                            <When at={filing.dueAt} short />
                        </small>
                    </>
                )}
            </div>
            <Badge tone={tone}>{badge}</Badge>
        </li>
    )
}
