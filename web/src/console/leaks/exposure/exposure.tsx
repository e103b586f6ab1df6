/** Exposure: who had access, was notified, fetched or acknowledged before an instant. Four questions, four answers. */
import { useState } from "react"
import { artifactClasses } from "../../../../../server/src/share/artifacts/artifact.ts"
import { parseInstant } from "@tocsin/base/instant"
import { useLook, useRead } from "../../api.ts"
import { Button } from "../../../kit/button.tsx"
import { Field } from "../../../kit/field.tsx"
import { When } from "../../../kit/instant.tsx"
import { Loaded, Notice } from "../../../kit/notice.tsx"
import { Page } from "../../../kit/layout/page.tsx"
import { Badge, Section } from "../../../kit/table.tsx"
import { ExposureChart } from "./chart.tsx"
import { Exposures, HeldVersions, Persons } from "./tables.tsx"
import { useCases, useNames, useNow, usePartners } from "../../artifacts/viewer.tsx"

export function Exposure() {
    const now = useNow()
    const cases = useCases().data?.cases
    return (
        <Page title="Exposure" lead="Who could read what, who fetched it, and when.">
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
            setWrong((error as Error).message)
        }
    }
    return (
        <>
            <Section title="The question">
                <div className="question">
                    <Fields request={request} onChange={setAsked} />
                    <Button look="main" onPress={ask}>
                        Ask
                    </Button>
                </div>
                {wrong !== null && <Notice tone="bad">{wrong}</Notice>}
            </Section>
            {path !== null && <Answered path={path} />}
        </>
    )
}

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
            from={from}
            optional={key !== "case"}
        />
    )
    const words = (list: readonly string[]) => list.map((value) => ({ value, name: value }))
    return (
        <>
            {choice("case", "Case or CVE", named)}
            {choice("class", "Class", words(artifactClasses))}
            <Field label="Before" kind="instant" value={request.before} onChange={set("before")} />
            {choice("duty", "Under the duty", words(duties))}
            <Field
                label="Partner"
                kind="choice"
                optional
                value={request.partner}
                onChange={(partner) => onChange({ ...request, partner, person: "" })}
                from={partners.map(({ id, name }) => ({ value: id, name }))}
            />
            {request.partner !== "" &&
                choice(
                    "person",
                    "Person",
                    roster.map(({ id, name }) => ({ value: id, name })),
                )}
        </>
    )
}

function Answered({ path }: { path: `/api/exposure?${string}` }) {
    const answer = useLook(path)
    const names = useNames()
    return (
        <Loaded query={answer}>
            {({ cases, before, class: kind, partner, person }) =>
                cases.map((thisCase) => (
                    <Section
                        key={thisCase.case}
                        title={`${names.case(thisCase.case)}: ${kind ?? "every class"}`}
                        aside={
                            <>
                                {!thisCase.isQueried && <Badge>carried over by a link</Badge>}
                                <span className="muted">
                                    before <When at={before} />
                                </span>
                            </>
                        }
                    >
                        <Exposures rows={thisCase.partners} />
                        {partner !== null && <Persons of={thisCase.partners} partner={partner} />}
                        {partner !== null && <HeldVersions of={thisCase.partners} partner={partner} />}
                        <ExposureChart subject={thisCase} before={before} />
                        {person === null && <p>Of the operator, {ownReaders(thisCase.staff.map(names.person))}.</p>}
                    </Section>
                ))
            }
        </Loaded>
    )
}

function ownReaders(names: readonly string[]): string {
    if (names.length === 0) return "nobody wrote or read it"
    return `${names.length === 1 ? "1 person" : `${names.length} persons`} wrote or read it: ${names.toSorted().join(", ")}`
}
