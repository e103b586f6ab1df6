/** A partner's access now with its reasons, its requirements, the measures against it, and its due diligence. */
import { Link } from "@tanstack/react-router"
import { artifactClasses } from "../../../../../server/src/share/artifacts/artifact.ts"
import { useEntitlements } from "../../access/matrix-reads.ts"
import { Empty, Loaded, Notice } from "../../../kit/notice.tsx"
import { Section, Table } from "../../../kit/table.tsx"
import type { Entitlement, Partner } from "../../answers.ts"
import { useCan, useCases } from "../../artifacts/viewer.tsx"
import { deadlineText } from "../../../portal/organisation/deadline-text.ts"
import { PartnerMeasures } from "../../measures/measures.tsx"
import { outcomeWords } from "../../words.ts"
import { DueDiligence } from "./due-diligence.tsx"
import { RequirementDates } from "./requirement-dates.tsx"
import { OutcomeGlyph } from "../../access/matrix/outcome.tsx"
import { reasonTitle } from "../../access/reason-title.tsx"
import { dayOf } from "../../../kit/instant.tsx"
import { t, valueText } from "../../../messages/message.ts"

export function PartnerOverview({ partner }: { partner: Partner }) {
    return (
        <>
            <Access partner={partner} />
            <RequirementDates partner={partner} />
            <ReportingDuties partner={partner} />
            <PartnerMeasures partner={partner} />
            <DueDiligence partner={partner} />
        </>
    )
}

const casesMax = 8

/** The cases under embargo, and what this partner gets in each. */
function Access({ partner }: { partner: Partner }) {
    const can = useCan()
    const cases = (useCases().data?.cases ?? []).filter(({ phase }) => phase === "running").slice(0, casesMax)
    if (!can("entitlement:read")) return null
    return (
        <Section title={t("Access now")}>
            <Obstacles partner={partner} />
            {cases.length === 0 ? (
                <Empty title={t("No case is under embargo.")} />
            ) : (
                <ul className="panel list">
                    {cases.map(({ id, title }) => (
                        <CaseAccess key={id} id={id} title={title} partner={partner.id} />
                    ))}
                </ul>
            )}
        </Section>
    )
}

/** Why content is withheld from the partner in every case. */
function Obstacles({ partner: { status, agreement, overdue, name } }: { partner: Partner }) {
    if (status !== "active" && status !== "restricted")
        return (
            <Notice tone="due">
                {t("{partner} gets no content: its status is {status}.", { partner: name, status: valueText(status) })}
            </Notice>
        )
    if (agreement !== "accepted")
        return (
            <Notice tone="due">
                {t("{partner} gets no content until a lead accepts the agreement.", { partner: name })}
            </Notice>
        )
    if (overdue.length > 0)
        return (
            <Notice tone="bad">
                {t("Content is withheld until these requirements are met: {requirements}.", {
                    requirements: overdue.map(valueText).join(", "),
                })}
            </Notice>
        )
    return null
}

function CaseAccess({ id, title, partner }: { id: string; title: string; partner: string }) {
    const query = useEntitlements({ case: id, partner })
    return (
        <li>
            <span className="grow">
                <Link className="title" to={`/cases/${id}/access`}>
                    {title}
                </Link>
                <Loaded query={query}>{({ entitlements }) => <CaseClasses entitlements={entitlements} />}</Loaded>
            </span>
        </li>
    )
}

/** The outcomes of each class, how much is available now, and the most frequent reason if any are withheld. */
function CaseClasses({ entitlements }: { entitlements: readonly Entitlement[] }) {
    const groups = Map.groupBy(entitlements, (entitlement) => entitlement.class)
    const available = entitlements.filter(({ decision }) => decision.available).length
    const withheld = entitlements.find(({ decision }) => decision.outcome === "withheld")
    const reason =
        withheld?.decision.reasons.find(({ effect }) => effect === "forbids") ?? withheld?.decision.reasons[0]
    const counts = { available, count: entitlements.length }
    if (entitlements.length === 0) return <span className="why block">{t("no artifacts")}</span>
    return (
        <>
            <span className="row class-outcomes">
                {artifactClasses
                    .filter((name) => groups.has(name))
                    .map((name) => (
                        <ClassOutcomes key={name} name={valueText(name)} group={groups.get(name) ?? []} />
                    ))}
            </span>
            <span className="why block">
                {reason === undefined
                    ? t("{available} of {count} available now", counts)
                    : t("{available} of {count} available now. Withheld: {reason}", {
                          ...counts,
                          reason: reasonTitle(reason),
                      })}
            </span>
        </>
    )
}

function ClassOutcomes({ name, group }: { name: string; group: readonly Entitlement[] }) {
    const outcomes = [...new Set(group.map(({ decision }) => decision.outcome))]
    const text = outcomes.map((outcome) => outcomeWords[outcome]).join(", ")
    return (
        <span title={text}>
            {outcomes.map((outcome) => (
                <OutcomeGlyph key={outcome} outcome={outcome} />
            ))}{" "}
            {name}
            <span className="unseen">: {text}</span>
        </span>
    )
}

function ReportingDuties({ partner }: { partner: Partner }) {
    return (
        <Section title={t("Reporting duties")}>
            {partner.duties.length === 0 ? (
                <Empty title={t("No reporting duties yet.")} />
            ) : (
                <Table
                    caption={t("Reporting duties of this partner")}
                    rows={partner.duties}
                    keyOf={(duty) => duty.regime}
                    columns={[
                        { name: t("Regime"), cell: (duty) => <strong>{duty.regime}</strong> },
                        { name: t("Applies to"), cell: (duty) => valueText(duty.appliesTo) },
                        { name: t("Trigger"), cell: (duty) => valueText(duty.trigger) },
                        { name: t("Deadlines"), cell: (duty) => duty.deadlines.map(deadlineText).join("; ") },
                        { name: t("Authority"), cell: (duty) => duty.authority },
                        {
                            name: t("Source"),
                            cell: (duty) => (
                                <span className="muted">
                                    {duty.source}, {dayOf(`${duty.date}T00:00:00Z`)}
                                </span>
                            ),
                        },
                    ]}
                />
            )}
        </Section>
    )
}
