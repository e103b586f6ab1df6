/** The first steps: what a new program needs before it can warn a partner. Disappears when all are done. */
import { Link } from "@tanstack/react-router"
import { Badge, Section } from "../../kit/table.tsx"
import { useCases, useMayRead, usePartners } from "../artifacts/viewer.tsx"
import { t } from "../../messages/message.ts"

interface Step {
    readonly what: string
    readonly to: string
    readonly done: boolean
}

export function FirstSteps() {
    const agreements = useMayRead("agreement:read", "/api/agreements").data
    const partners = usePartners().data?.partners
    const cases = useCases().data?.cases
    if (agreements === undefined || partners === undefined || cases === undefined) return null
    const steps: readonly Step[] = [
        { what: t("Write the agreement"), to: "/partners/agreement", done: agreements.agreements.length > 0 },
        { what: t("Invite a partner, and add its lead"), to: "/partners", done: partners.length > 0 },
        {
            what: t("Its lead accepts the agreement and adds a key, in the portal"),
            to: "/partners",
            done: partners.some(({ agreement, usableKeys }) => agreement === "accepted" && usableKeys > 0),
        },
        {
            what: t("Admit the partner, with a second person"),
            to: "/partners",
            done: partners.some(({ status }) => status === "active"),
        },
        { what: t("Open a case, with its embargo and waves"), to: "/cases", done: cases.length > 0 },
    ]
    if (steps.every(({ done }) => done)) return null
    return (
        <Section title={t("First steps")}>
            <ol className="steps">
                {steps.map(({ what: kind, to, done }) => (
                    <li key={kind}>
                        {done ? <span className="muted">{kind}</span> : <Link to={to}>{kind}</Link>}
                        <Badge tone={done ? "good" : "plain"}>{done ? t("done") : t("open")}</Badge>
                    </li>
                ))}
            </ol>
        </Section>
    )
}
