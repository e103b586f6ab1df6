/** Beside the overview of a case: its facts, its people, its links, and what happened last. */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import type { LinkKind } from "../../../../../server/src/share/cases/case.ts"
import { Avatar } from "../../../kit/layout/frame.tsx"
import { When } from "../../../kit/instant.tsx"
import { PermissionWords } from "../../../kit/permission.tsx"
import { labelled } from "../../../kit/products.tsx"
import { Facts, Section } from "../../../kit/table.tsx"
import type { Case } from "../../answers.ts"
import { useNames } from "../../artifacts/viewer.tsx"
import { ChangeFacts } from "../change-facts.tsx"
import { Score } from "../score.tsx"
import { useActivity, useTeam } from "./activity-reads.ts"
import { rich, t } from "../../../messages/message.ts"

export function CaseRail({ subject }: { subject: Case }) {
    return (
        <>
            <CaseFacts subject={subject} />
            <Links subject={subject} />
            <Activity subject={subject} />
        </>
    )
}

function CaseFacts({ subject }: { subject: Case }) {
    const { vulnerabilities, finder, credit, createdAt, permission } = subject
    const fixes = fixesOf(subject)
    return (
        <Section title={t("Facts")} aside={<ChangeFacts caseId={subject.id} />}>
            <ul className="flaws" aria-label={t("Vulnerabilities")}>
                {labelled(vulnerabilities).map(({ label, cwe, score, vector }) => (
                    <li key={label}>
                        <span className="row">
                            <Score score={score} />
                            <span className="mono">{label}</span> <span className="soft">{cwe}</span>
                        </span>
                        {vector !== "" && <span className="mono muted vector">{vector}</span>}
                    </li>
                ))}
            </ul>
            <Facts
                items={[
                    [
                        t("Fixed in"),
                        fixes.length === 0 ? (
                            <span className="muted">{t("not known")}</span>
                        ) : (
                            <ul className="stack" key="fixes">
                                {fixes.map(({ name, version }) => (
                                    <li key={`${name} ${version}`}>
                                        {version} <span className="muted">{name}</span>
                                    </li>
                                ))}
                            </ul>
                        ),
                    ],
                    [t("Found by"), finder === "" ? <span className="muted">{t("not named")}</span> : finder],
                    [
                        t("Credit"),
                        credit === "" ? <span className="muted">{t("no finder named in public")}</span> : credit,
                    ],
                    [t("Deployment"), <PermissionWords key="permission" permission={permission} />],
                    [t("Opened"), <When key="at" at={createdAt} short />],
                    [t("Team"), <Team key="team" subject={subject} />],
                ]}
            />
        </Section>
    )
}

function fixesOf({ vulnerabilities }: Case): readonly { readonly name: string; readonly version: string }[] {
    const products = vulnerabilities.flatMap((vulnerability) => vulnerability.products)
    const named = products.map(({ vendor, name, fixedIn }) => ({
        name: name.startsWith(`${vendor} `) ? name.slice(vendor.length + 1) : name,
        version: fixedIn ?? t("no fix"),
    }))
    return [...new Map(named.map((item) => [`${item.name} ${item.version}`, item])).values()]
}

function Team({ subject }: { subject: Case }) {
    const people = useTeam(subject.id)
    if (people.length === 0) return <span className="muted">{t("no requests yet")}</span>
    return (
        <span className="row">
            {people.map((name) => (
                <span key={name} className="row">
                    <Avatar name={name} /> {name}
                </span>
            ))}
        </span>
    )
}

const linkText: Readonly<Record<LinkKind, (link: ReactNode) => ReactNode>> = {
    bypass_of: (link) => rich("bypass of {case}", { case: link }),
    variant_of: (link) => rich("variant of {case}", { case: link }),
}

function Links({ subject }: { subject: Case }) {
    const names = useNames()
    return (
        <Section title={t("Links")}>
            {subject.links.length === 0 ? (
                <p className="soft">
                    {t("No linked cases yet. A linked bypass or variant inherits the restrictions of this case.")}
                </p>
            ) : (
                <ul className="stack">
                    {subject.links.map(({ to, kind }) => (
                        <li key={`${kind} ${to}`}>
                            {linkText[kind](<Link to={`/cases/${to}`}>{names.case(to)}</Link>)}
                        </li>
                    ))}
                </ul>
            )}
        </Section>
    )
}

const activityMax = 8

function Activity({ subject }: { subject: Case }) {
    const items = useActivity(subject)
    return (
        <Section title={t("Activity")}>
            <ol className="history">
                {items.slice(0, activityMax).map(({ id, at, text, tone }) => (
                    <li key={id} className={tone}>
                        <span>{text}</span>
                        <small>
                            <When at={at} short />
                        </small>
                    </li>
                ))}
            </ol>
        </Section>
    )
}
