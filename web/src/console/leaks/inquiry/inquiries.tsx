/** Lists the inquiries that the viewer is a member of, and opens a new one. Other people cannot see that one exists. */
import { Link, useNavigate } from "@tanstack/react-router"
import { hasPermission } from "../../../../../server/src/kernel/permissions.ts"
import { useLook, writeTo } from "../../api.ts"
import type { Choice } from "../../../kit/field.tsx"
import { FormDialog, ticked } from "../../../kit/form.tsx"
import { When } from "../../../kit/instant.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Page } from "../../../kit/layout/page.tsx"
import { Badge, Table } from "../../../kit/table.tsx"
import { useCaseChoices, useColleagues, useMe, useNames, useWhyNot } from "../../artifacts/viewer.tsx"
import { t, valueText } from "../../../messages/message.ts"

export function Inquiries() {
    const inquiries = useLook("/api/inquiries")
    const names = useNames()
    return (
        <Page
            title={t("Inquiries")}
            lead={t("You see only the inquiries of which you are a member.")}
            aside={<OpenInquiry evidence={null} caseId={null} />}
        >
            <Loaded query={inquiries}>
                {({ inquiries }) =>
                    inquiries.length === 0 ? (
                        <Empty title={t("No inquiries yet.")}>
                            {t(
                                "Open one to examine how content became known. It starts with competing hypotheses, so that members examine more than the partners.",
                            )}
                        </Empty>
                    ) : (
                        <Table
                            caption={t("Inquiries, newest first")}
                            rows={inquiries}
                            keyOf={(row) => row.id}
                            columns={[
                                {
                                    name: t("Title"),
                                    cell: (row) => <Link to={`/leaks/inquiries/${row.id}`}>{row.title}</Link>,
                                },
                                { name: t("Case"), cell: (row) => names.case(row.case) },
                                {
                                    name: t("State"),
                                    cell: (row) => (
                                        <Badge tone={row.status === "open" ? "due" : "plain"}>
                                            {valueText(row.status)}
                                        </Badge>
                                    ),
                                },
                                { name: t("Opened"), cell: (row) => <When at={row.openedAt} /> },
                                { name: t("Members"), cell: (row) => row.members.length, end: true },
                                { name: t("Evidence"), cell: (row) => row.evidence.length, end: true },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Page>
    )
}

/** Lists people who can be admitted: current staff with the permission who are not yet members. */
export function useMemberChoices(already: readonly string[]): readonly Choice[] {
    const fit = useColleagues().filter(
        ({ id, left, roles }) =>
            !left && !already.includes(id) && hasPermission({ kind: "operator", person: id, roles }, "inquiry:read"),
    )
    return fit.map(({ id, name, roles }) => ({ value: id, name: `${name} (${roles.map(valueText).join(", ")})` }))
}

export const membersHint = t("a member who is an approver must sign each finding")

interface OpenProps {
    evidence: string | null
    caseId: string | null
}

export function OpenInquiry({ evidence, caseId }: OpenProps) {
    const navigate = useNavigate()
    const from = useCaseChoices()
    const members = useMemberChoices([useMe().id])
    return (
        <FormDialog
            button={t("Open an inquiry…")}
            title={t("Open an inquiry")}
            submit={t("Open the inquiry")}
            buttonLook="main"
            disabledReason={useWhyNot()("inquiry:write")}
            requests={[
                { name: "title", label: t("Title"), kind: "line" },
                { name: "case", label: t("Case"), kind: "choice", from, ...(caseId !== null && { initial: caseId }) },
                { name: "members", label: t("Other members"), kind: "choices", from: members, hint: membersHint },
                {
                    name: "excluded",
                    label: t("Excluded people"),
                    kind: "choices",
                    from: members,
                    hint: t("people with a stake, for example the author of the leaked text"),
                },
                { name: "reason", label: t("Reason for the exclusion"), kind: "line", optional: true },
            ]}
            write={(answers) =>
                writeTo("POST", "/api/inquiries", {
                    title: answers.title,
                    case: answers.case,
                    evidence: evidence === null ? [] : [evidence],
                    members: ticked(answers, "members"),
                    excluded: ticked(answers, "excluded").map((person) => ({ person, reason: answers.reason })),
                })
            }
            onDone={(answer) => void navigate({ to: `/leaks/inquiries/${answer.inquiry}` })}
        >
            <p className="muted">
                {t(
                    "Only members see the inquiry, and each view is recorded. The people and partners that it concerns are not notified.",
                )}
            </p>
        </FormDialog>
    )
}
