/** A partner's own page: status, people, keys, requirements and reporting duties. */
import { Link } from "@tanstack/react-router"
import { dayOf } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { Columns, Page } from "../../kit/layout/page.tsx"
import { Empty } from "../../kit/notice.tsx"
import { Badge, Facts, Section } from "../../kit/table.tsx"
import { standingWords } from "../../kit/text.ts"
import { useMe, useRequirements } from "../viewer.ts"
import { AgreementBand } from "./agreement.tsx"
import { deadlineText } from "./deadline-text.ts"
import { keyState } from "./key-state.ts"
import { shortRecipient } from "./key-state.ts"
import { AddPerson, PeopleTable } from "./people.tsx"
import { requirementStates, requirementTitles } from "./requirement-text.ts"
import { t, valueText } from "../../messages/message.ts"

export function Organisation() {
    const { partner } = useMe()
    const status = standingWords[partner.status]
    return (
        <Page
            title={partner.name}
            tabTitle={t("Organisation")}
            lead={
                <span className="row">
                    <Badge tone={status.tone}>{status.name}</Badge>
                    <Badge>{t("{tier} tier", { tier: valueText(partner.tier) })}</Badge>
                    <AgreementTerm />
                </span>
            }
            aside={<AddPerson />}
        >
            <AgreementBand />
            <Columns
                rail={
                    <>
                        <KeyList />
                        <RequirementDates />
                        <Section
                            title={t("Reporting duties")}
                            aside={<Link to="/organisation/duties">{t("Details")}</Link>}
                        >
                            <p className="soft">
                                {partner.duties.length === 0
                                    ? t("No reporting duties known.")
                                    : partner.duties.map(({ regime }) => regime).join(", ")}
                            </p>
                        </Section>
                    </>
                }
            >
                <PeopleTable />
            </Columns>
        </Page>
    )
}

/** The accepted version of the agreement, and until when it binds. */
function AgreementTerm() {
    const { partner } = useMe()
    const last = partner.acceptances.at(-1)
    if (last === undefined) return t("No agreement accepted yet")
    return last.endsAt === null
        ? t("Agreement {version}", { version: last.version })
        : t("Agreement {version} until {day}", { version: last.version, day: dayOf(last.endsAt) })
}

function KeyList() {
    const { partner, now } = useMe()
    const keys = partner.keys.filter(({ revokedAt }) => revokedAt === null)
    return (
        <Section title={t("Keys")} count={keys.length} aside={<Link to="/organisation/keys">{t("All keys")}</Link>}>
            {keys.length === 0 ? (
                <Empty title={t("No keys yet.")}>{t("A lead adds one under Keys.")}</Empty>
            ) : (
                <ul className="list plain-list">
                    {keys.map((key) => {
                        const { name, tone } = keyState(key, now)
                        return (
                            <li key={key.id}>
                                <span className={`square ${tone}`}>
                                    <Icon name="key" />
                                </span>
                                <div className="grow">
                                    <div className="mono">{shortRecipient(key.recipient)}</div>
                                    <div className="why">
                                        {t("{state}, until {end}", { state: name, end: dayOf(key.expiresAt) })}
                                    </div>
                                </div>
                                {key.testedAt !== null && <Badge tone="good">{t("tested")}</Badge>}
                            </li>
                        )
                    })}
                </ul>
            )}
        </Section>
    )
}

function RequirementDates() {
    const requirements = useRequirements().data?.requirements ?? []
    if (requirements.length === 0) return null
    return (
        <Section title={t("Requirements")} aside={<Link to="/to-do">{t("To do")}</Link>}>
            <ul className="uses">
                {requirements.map(({ kind, state, dueAt }) => (
                    <li key={kind} className={state === "met" ? "good" : "bad"}>
                        <Icon name={state === "met" ? "check" : "clock"} />
                        <span className="grow">
                            {requirementTitles[kind]} <span className="unseen">({requirementStates[state].name})</span>
                        </span>
                        <span className="muted small">{dayOf(dueAt)}</span>
                    </li>
                ))}
            </ul>
        </Section>
    )
}

/** The partner's legal duties to report vulnerabilities, as the operator recorded them. */
export function ReportingDuties() {
    const { duties } = useMe().partner
    return (
        <Page title={t("Organisation")} tabTitle={t("Duties")}>
            <Section title={t("Reporting duties")} count={duties.length}>
                {duties.length === 0 ? (
                    <Empty title={t("No reporting duties yet.")}>
                        {t(
                            "The operator records laws that oblige you to report vulnerabilities to an authority. Tell the operator when this changes.",
                        )}
                    </Empty>
                ) : (
                    duties.map((duty) => (
                        <article key={duty.regime} className="panel pad" aria-label={duty.regime}>
                            <h3>{duty.regime}</h3>
                            <Facts
                                items={[
                                    [t("Trigger"), valueText(duty.trigger)],
                                    [t("Authority"), duty.authority],
                                    [t("Deadlines"), duty.deadlines.map(deadlineText).join("; ")],
                                    [t("Source"), `${duty.source}, ${dayOf(`${duty.date}T00:00:00Z`)}`],
                                ]}
                            />
                        </article>
                    ))
                )}
                <p className="muted">
                    {t(
                        "A duty is not a fault. It can affect what you get before publication; the operator says so openly.",
                    )}
                </p>
            </Section>
        </Page>
    )
}
