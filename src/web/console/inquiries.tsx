/** The inquiries that the viewer is a member of, and opening one. To everybody else they do not exist. */
import { Link, useNavigate } from "@tanstack/react-router"
import type { Inquiry } from "../../trace/inquiries/inquiry.ts"
import { useLook } from "../kit/api.ts"
import { FormDialog } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Page, Table } from "../kit/table.tsx"
import { useCases, useNames, useWhyNot } from "./viewer.tsx"

export type InquiryRow = Omit<Inquiry, "openedAt"> & { readonly openedAt: string }

export function Inquiries() {
    const inquiries = useLook<{ inquiries: readonly InquiryRow[] }>("/api/inquiries")
    const names = useNames()
    return (
        <Page
            title="Inquiries"
            kind="Sealed: only members see them"
            aside={<OpenInquiry evidence={null} caseId={null} />}
        >
            <Loaded of={inquiries}>
                {({ inquiries: all }) =>
                    all.length === 0 ? (
                        <Empty title="You are a member of no inquiry.">
                            One opens with the rival explanations, so that nobody looks for a partner alone.
                        </Empty>
                    ) : (
                        <Table
                            caption="Inquiries, newest first"
                            rows={all}
                            keyOf={(one) => one.id}
                            columns={[
                                { name: "Title", cell: (one) => <Link to={`/inquiries/${one.id}`}>{one.title}</Link> },
                                { name: "Case", cell: (one) => names.case(one.case) },
                                { name: "Opened", cell: (one) => <When at={one.openedAt} /> },
                                { name: "Members", cell: (one) => one.members.length, end: true },
                                { name: "Evidence", cell: (one) => one.evidence.length, end: true },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Page>
    )
}

interface OpenProps {
    evidence: string | null
    caseId: string | null
}

export function OpenInquiry({ evidence, caseId }: OpenProps) {
    const navigate = useNavigate()
    const cases = useCases().data?.cases ?? []
    const from = cases.map(({ id, title }) => ({ value: id, name: title }))
    return (
        <FormDialog
            button="Open an inquiry…"
            title="Open an inquiry"
            submit="Open it"
            buttonLook={evidence === null ? "main" : "plain"}
            not={useWhyNot()("inquiry:write")}
            asked={[
                { name: "title", label: "Title", kind: "line" },
                { name: "case", label: "Case", kind: "choice", from, ...(caseId !== null && { initial: caseId }) },
            ]}
            write={({ title, case: of }) => ({
                method: "POST",
                path: "/api/inquiries",
                body: { title, case: of, evidence: evidence === null ? [] : [evidence] },
            })}
            onDone={(answer) => void navigate({ to: `/inquiries/${(answer as { inquiry: string }).inquiry}` })}
        >
            <p className="muted">
                It is seen by its members alone, each look is on record, and its subjects are not told that it exists.
            </p>
        </FormDialog>
    )
}
