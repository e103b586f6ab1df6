/** Exposure: who had access, was notified, fetched or acknowledged before an instant. Four questions, four answers. */
import { useState } from "react"
import { artifactClasses } from "../../../../../server/src/share/artifacts/artifact.ts"
import { parseInstant } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import { useLook, useRead } from "../../api.ts"
import { Button } from "../../../kit/button.tsx"
import { Field } from "../../../kit/field.tsx"
import { When } from "../../../kit/instant.tsx"
import { Loaded, Notice } from "../../../kit/notice.tsx"
import { Page } from "../../../kit/layout/page.tsx"
import { Badge, Section } from "../../../kit/table.tsx"
import { ExposureChart } from "./chart.tsx"
import type { CaseAnswer, ExposureAnswer } from "./exposure-answers.ts"
import { Counts, Exposures, HeldVersions, Persons } from "./tables.tsx"
import { useCases, useNames, useNow, usePartners } from "../../artifacts/viewer.tsx"
import { refusalText, rich, t, valueText } from "../../../messages/message.ts"

export function Exposure() {
    const now = useNow()
    const cases = useCases().data?.cases
    return (
        <Page title={t("Exposure")} lead={t("Who could read the content before an instant, who fetched it, and when?")}>
            {now !== null && cases !== undefined && <Question now={now} />}
        </Page>
    )
}

interface Asked {
    readonly case: string
    readonly class: string
    readonly before: string
    readonly partner: string
    readonly person: string
    readonly duty: string
}

function Question({ now }: { now: string }) {
    const first = useCases().data?.cases[0]?.id ?? ""
    const [request, setAsked] = useState<Asked>({
        case: first,
        class: "poc",
        before: now,
        partner: "",
        person: "",
        duty: "",
    })
    const [path, setPath] = useState<`/api/exposure?${string}` | null>(null)
    const [wrong, setWrong] = useState<string | null>(null)
    const ask = () => {
        try {
            parseInstant(request.before)
            setWrong(null)
            const inputs = Object.entries(request).filter(([, value]) => value !== "")
            setPath(`/api/exposure?${new URLSearchParams(inputs).toString()}`)
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            setWrong(refusalText(error.code, error.message, error.values))
        }
    }
    return (
        <>
            <Section title={t("Question")}>
                <div className="question">
                    <Fields request={request} onChange={setAsked} />
                    <Button look="main" onPress={ask}>
                        {t("Show exposure")}
                    </Button>
                </div>
                {wrong !== null && <Notice tone="bad">{wrong}</Notice>}
            </Section>
            {path !== null && <Answered path={path} />}
        </>
    )
}

/** The first option of a filter. */
export const anyOption = { value: "", name: t("any") }

function Fields({ request, onChange }: { request: Asked; onChange: (request: Asked) => void }) {
    const cases = useCases().data?.cases ?? []
    const partners = usePartners().data?.partners ?? []
    const roster = useRead(request.partner === "" ? null : `/api/partners/${request.partner}`).data?.roster ?? []
    const named = cases.flatMap(({ id, title, vulnerabilities }) => [
        { value: id, name: title },
        ...vulnerabilities.flatMap(({ cve }) => (cve === "" ? [] : [{ value: cve, name: `${cve} (${title})` }])),
    ])
    const duties = [...new Set(partners.flatMap((partner) => partner.duties.map((duty) => duty.regime)))].toSorted()
    const set = (key: keyof Asked) => (value: string) => onChange({ ...request, [key]: value })
    const choice = (key: keyof Asked, label: string, from: readonly { value: string; name: string }[]) => (
        <Field
            label={label}
            kind="choice"
            value={request[key]}
            onChange={set(key)}
            from={key === "case" ? from : [anyOption, ...from]}
        />
    )
    const words = (list: readonly string[]) => list.map((value) => ({ value, name: valueText(value) }))
    return (
        <>
            {choice("case", t("Case or CVE"), named)}
            {choice("class", t("Class"), words(artifactClasses))}
            <Field label={t("Before the instant")} kind="instant" value={request.before} onChange={set("before")} />
            {choice("duty", t("Reporting duty"), words(duties))}
            <Field
                label={t("Partner")}
                kind="choice"
                value={request.partner}
                onChange={(partner) => onChange({ ...request, partner, person: "" })}
                from={[anyOption, ...partners.map(({ id, name }) => ({ value: id, name }))]}
            />
            {request.partner !== "" &&
                choice(
                    "person",
                    t("Person"),
                    roster.map(({ id, name }) => ({ value: id, name })),
                )}
        </>
    )
}

function Answered({ path }: { path: `/api/exposure?${string}` }) {
    const answer = useLook(path)
    return (
        <Loaded query={answer}>
            {({ cases, before, ...filter }) =>
                cases.map((exposed) => (
                    <CaseExposure key={exposed.case} subject={exposed} before={before} filter={filter} />
                ))
            }
        </Loaded>
    )
}

interface CaseExposureProps {
    subject: CaseAnswer
    before: string
    filter?: Pick<ExposureAnswer, "partner" | "person">
}

/** The exposure of one case: counts, lanes over time, and the same as tables. */
export function CaseExposure({ subject, before, filter = { partner: null, person: null } }: CaseExposureProps) {
    const names = useNames()
    const { partner, person } = filter
    return (
        <Section
            title={t("Holders: {case}", { case: names.case(subject.case) })}
            aside={
                <>
                    {!subject.isQueried && <Badge>{t("linked case")}</Badge>}
                    <span className="muted">{rich("until {until}", { until: <When at={before} /> })}</span>
                </>
            }
        >
            <Counts rows={subject.partners} />
            <ExposureChart subject={subject} before={before} />
            {partner !== null && <Persons of={subject.partners} partner={partner} />}
            {partner !== null && <HeldVersions of={subject.partners} partner={partner} />}
            <details className="folded" open={partner !== null}>
                <summary>{t("As a table")}</summary>
                <Exposures rows={subject.partners} />
            </details>
            {person === null && <p className="muted">{staffText(subject.staff.map(names.person))}</p>}
        </Section>
    )
}

function staffText(names: readonly string[]): string {
    if (names.length === 0) return t("No staff member wrote or read it.")
    return t("{count, plural, one {# staff member} other {# staff members}} wrote or read it: {names}.", {
        count: names.length,
        names: names.toSorted().join(", "),
    })
}
