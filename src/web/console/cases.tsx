/** All cases, and opening one. */
import { Link, useNavigate } from "@tanstack/react-router"
import { Distance, When } from "../kit/instant.tsx"
import { FormDialog, type Answers } from "../kit/form.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, Page, Table } from "../kit/table.tsx"
import type { Case } from "./answers.ts"
import { useCases, useWhyNot } from "./viewer.tsx"
import { phaseWords } from "./words.ts"

export function CasesScreen() {
    const cases = useCases()
    return (
        <Page title="Cases" aside={<OpenCase />}>
            <Loaded of={cases}>
                {({ cases: all, now }) =>
                    all.length === 0 ? (
                        <Empty title="No case is open." />
                    ) : (
                        <Table
                            caption="Cases"
                            rows={all}
                            keyOf={(one) => one.id}
                            columns={[
                                { name: "Case", cell: (one) => <Link to={`/cases/${one.id}`}>{one.title}</Link> },
                                { name: "Vulnerabilities", cell: (one) => <Cves of={one} /> },
                                { name: "Score", cell: (one) => worst(one).toFixed(1), end: true },
                                { name: "Embargo", cell: (one) => <PhaseBadge of={one} /> },
                                { name: "Publication", cell: (one) => <When at={one.publication} /> },
                                {
                                    name: "Time left",
                                    cell: ({ publication }) =>
                                        publication !== null && <Distance at={publication} now={now} />,
                                },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Page>
    )
}

const worst = (one: Case): number => Math.max(0, ...one.vulnerabilities.map(({ score }) => score))

export function PhaseBadge({ of }: { of: Case }) {
    return <Badge tone={phaseWords[of.phase].tone}>{phaseWords[of.phase].name}</Badge>
}

function Cves({ of }: { of: Case }) {
    return (
        <span className="stack">
            {of.vulnerabilities.map(({ cve }) => (
                <code key={cve} className="code">
                    {cve}
                </code>
            ))}
        </span>
    )
}

function OpenCase() {
    const navigate = useNavigate()
    const not = useWhyNot()("case:write")
    return (
        <FormDialog
            button="Open a case…"
            title="Open a case"
            buttonLook="main"
            not={not}
            submit="Open it"
            asked={[
                { name: "title", label: "Title", kind: "line" },
                { name: "cve", label: "CVE id", kind: "line", hint: "like CVE-2025-49704" },
                { name: "cwe", label: "Weakness", kind: "line", hint: "like CWE-94" },
                { name: "score", label: "CVSS base score", kind: "number" },
                { name: "vector", label: "CVSS vector", kind: "line", hint: "CVSS:3.1/AV:N/…" },
                { name: "vendor", label: "Vendor", kind: "line" },
                { name: "product", label: "Product", kind: "line" },
                { name: "finder", label: "Found by", kind: "line", optional: true },
            ]}
            write={(answers) => ({ method: "POST", path: "/api/cases", body: caseOf(answers) })}
            onDone={(answer) => void navigate({ to: `/cases/${(answer as { id: string }).id}` })}
        />
    )
}

function caseOf({ title, cve, cwe, score, vector, vendor, product, finder }: Answers) {
    return {
        title,
        vulnerabilities: [{ cve, cwe, score: Number(score), vector }],
        products: [{ vendor, name: product, fixedIn: null }],
        finder: finder ?? "",
    }
}
