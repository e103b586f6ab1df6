/** The overview of a case: what needs a person, what it has achieved, what is next, and who has what. */
import { Link } from "@tanstack/react-router"
import { parseInstant } from "@tocsin/base/instant"
import { When, distance } from "../../../kit/instant.tsx"
import { Icon } from "../../../kit/layout/icon.tsx"
import { Columns } from "../../../kit/layout/page.tsx"
import { Waiting } from "../../../kit/notice.tsx"
import { Section } from "../../../kit/table.tsx"
import type { Case } from "../../answers.ts"
import { useNames, useNow } from "../../artifacts/viewer.tsx"
import { AmendmentRow, useAmendment } from "../change-facts.tsx"
import { type Exploitation, useExploitation, useIsExploited } from "../exploitation.ts"
import { useAttention } from "./attention-reads.ts"
import type { AttentionLine } from "./attention.ts"
import { CaseRail } from "./case-rail.tsx"
import { Delivery } from "./delivery.tsx"
import { Figures } from "./figures.tsx"
import { NextWave } from "./next-wave.tsx"
import { ProtectionChart } from "./protection-chart.tsx"
import { rich, t } from "../../../messages/message.ts"

export function CaseOverview({ subject }: { subject: Case }) {
    return (
        <Columns rail={<CaseRail subject={subject} />}>
            <ExploitedAlarm subject={subject} />
            {subject.closure === null && <Attention subject={subject} />}
            <Figures subject={subject} />
            {subject.closure === null && <NextWave subject={subject} />}
            <Delivery subject={subject} />
            <ProtectionChart subject={subject} />
        </Columns>
    )
}

/** Exploitation before publication comes before all else. */
function ExploitedAlarm({ subject }: { subject: Case }) {
    const exploitation = useExploitation(subject.id)
    const isExploited = useIsExploited(subject.id)
    const isSecret = subject.phase === "running" || subject.phase === "due" || subject.phase === "terminated"
    if (!isExploited || !isSecret || subject.closure !== null) return null
    const proposal = subject.proposals[0]
    return (
        <section className="alarm" aria-label={t("Alarm")}>
            <span className="alarm-sign">
                <Icon name="alarm" />
            </span>
            <div>
                <h2>{t("Exploited before publication")}</h2>
                <p>
                    {exploitation === null ? t("Exploitation is reported.") : <SeenBy exploitation={exploitation} />}{" "}
                    {proposal === undefined
                        ? t("Decide whether the embargo ends early.")
                        : rich("An end of the embargo is proposed for {when}.", {
                              when: <When at={proposal.endsAt} short />,
                          })}
                </p>
            </div>
            <div className="row">
                <Link to={`/cases/${subject.id}/reports/sightings`} className="button plain">
                    {t("View reports")}
                </Link>
                <Link to={`/cases/${subject.id}/embargo`} className="button danger">
                    {proposal === undefined ? t("Decide about the embargo") : t("Review proposal")}
                </Link>
            </div>
        </section>
    )
}

function SeenBy({ exploitation: { partner, at } }: { exploitation: Exploitation }) {
    const names = useNames()
    const when = <When at={at} short />
    return partner === null
        ? rich("Seen by staff, {when}.", { when })
        : rich("{partner}, {when}.", { partner: names.partner(partner), when })
}

/** Says that nothing is needed only when everything behind it was read. */
function Attention({ subject }: { subject: Case }) {
    const { lines, isLoading, error } = useAttention(subject)
    const amendment = useAmendment(subject.id)
    const count = lines.length + (amendment === undefined ? 0 : 1)
    return (
        <Section title={t("Needs attention")} {...(!isLoading && { count })}>
            {count > 0 && (
                <ul className="panel list">
                    {amendment !== undefined && <AmendmentRow amendment={amendment} />}
                    {lines.map((line) => (
                        <AttentionRow key={line.id} line={line} />
                    ))}
                </ul>
            )}
            {(isLoading || error !== null) && <Waiting error={error} />}
            {count === 0 && !isLoading && error === null && (
                <p className="row good">
                    <Icon name="check" /> {t("Nothing needs attention.")}
                </p>
            )}
        </Section>
    )
}

function AttentionRow({ line: { tone, text, until, to, action, search } }: { line: AttentionLine }) {
    const now = parseInstant(useNow())
    const searched = search === undefined ? {} : { search: search as never }
    return (
        <li>
            <span className={`square ${tone}`}>
                <Icon name={tone === "bad" ? "alarm" : "clock"} />
            </span>
            <div className="grow">
                <Link to={to} {...searched} className="title">
                    {text}
                </Link>
            </div>
            {until !== null && (
                <div className="by">
                    <b className={until <= now ? "bad" : ""}>{until <= now ? t("overdue") : distance(until, now)}</b>
                </div>
            )}
            <Link to={to} {...searched} className="button plain">
                {action}
                <span className="unseen">: {text}</span>
            </Link>
        </li>
    )
}
