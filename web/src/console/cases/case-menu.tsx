/** The rare actions on a case, in one menu. A forbidden action stays and says why. */
import { useNavigate } from "@tanstack/react-router"
import { useState } from "react"
import { writeTo } from "../api.ts"
import type { LinkKind } from "../../../../server/src/share/cases/case.ts"
import { choicesOf } from "../../kit/field.tsx"
import { FormWindow } from "../../kit/form.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { ActionMenu } from "../../kit/layout/menu.tsx"
import type { Action } from "../../kit/layout/menu-list.tsx"
import { stillLoading } from "../../kit/text.ts"
import type { Case } from "../answers.ts"
import { useCases, useWhyNot } from "../artifacts/viewer.tsx"
import { FreezeWindow } from "../release/waves/wave-actions.tsx"
import { tierNames } from "../words.ts"
import { FactsWindow, useFactsWindow } from "./change-facts.tsx"
import { useWaves } from "./case-reads.ts"
import { DeleteContentWindow, HoldWindow, LiftHoldWindow, useContent, useWhyNotDelete } from "./content.tsx"
import { CloseWindow, useWhyNotClose } from "./embargo/closure.tsx"
import { PermissionWindow, useWhyNotPermission } from "./embargo/deployment-permission.tsx"
import { nextOf } from "./overview/next-wave.tsx"
import { usePublication } from "./publication.tsx"
import { t } from "../../messages/message.ts"

type Opened = "link" | "permission" | "freeze" | "close" | "hold" | "lift" | "delete"

export function CaseMenu({ subject }: { subject: Case }) {
    const [opened, setOpened] = useState<Opened | null>(null)
    const whyNot = useWhyNot()
    const navigate = useNavigate()
    const isPublished = (usePublication(subject.id)?.advisory ?? null) !== null
    const next = nextOf(useWaves(subject.id).data?.waves ?? [])
    const close = () => setOpened(null)
    const [, setFactsOpen] = useFactsWindow()
    const change = () =>
        isPublished ? void navigate({ to: `/cases/${subject.id}/release/correction` } as never) : setFactsOpen(true)
    const open = (id: string) => (id === "change" ? change() : setOpened(id as Opened))
    const hold = useHoldAction(subject)
    const isFreezable = next !== null && next.state !== "frozen" && subject.closure === null
    const actions: readonly Action[] = [
        {
            id: "change",
            name: isPublished ? t("Correct the advisory") : t("Change…"),
            disabledReason: whyNot("case:write"),
        },
        { id: "link", name: t("Link…"), disabledReason: useWhyNotLink(subject) },
        { id: "permission", name: t("Before publication…"), disabledReason: useWhyNotPermission(subject) },
        ...(isFreezable
            ? [
                  {
                      id: "freeze",
                      name: t("Freeze the {tier} wave…", { tier: tierNames[next.tier] }),
                      disabledReason: whyNot("wave:freeze"),
                  },
              ]
            : []),
        { id: "close", name: t("Close…"), isDangerous: true, disabledReason: useWhyNotClose(subject) },
        hold,
        {
            id: "delete",
            name: t("Delete the content…"),
            isDangerous: true,
            disabledReason: useWhyNotDelete(subject),
        },
    ].map((action) => ({ ...action, onAction: () => open(action.id) }))
    return (
        <>
            <ActionMenu label={t("More actions for this case")} className="button plain" actions={actions}>
                <Icon name="dots" />
            </ActionMenu>
            <FactsWindow subject={subject} />
            <LinkWindow subject={subject} open={opened === "link"} onClose={close} />
            <PermissionWindow subject={subject} open={opened === "permission"} onClose={close} />
            {next !== null && <FreezeWindow wave={next} open={opened === "freeze"} onClose={close} />}
            <HoldWindow subject={subject} open={opened === "hold"} onClose={close} />
            <LiftHoldWindow subject={subject} open={opened === "lift"} onClose={close} />
            <DeleteContentWindow subject={subject} open={opened === "delete"} onClose={close} />
            <CloseWindow subject={subject} open={opened === "close"} onClose={close} />
        </>
    )
}

/** The menu of a case whose content was deleted: a legal hold still protects its evidence. */
export function DeletedCaseMenu({ subject }: { subject: Case }) {
    const [opened, setOpened] = useState<Opened | null>(null)
    const action = useHoldAction(subject)
    const close = () => setOpened(null)
    return (
        <>
            <ActionMenu
                label={t("More actions for this case")}
                className="button plain"
                actions={[{ ...action, onAction: () => setOpened(action.id) }]}
            >
                <Icon name="dots" />
            </ActionMenu>
            <HoldWindow subject={subject} open={opened === "hold"} onClose={close} />
            <LiftHoldWindow subject={subject} open={opened === "lift"} onClose={close} />
        </>
    )
}

function useHoldAction({ id }: Case) {
    const lacks = useWhyNot()("case:hold")
    const content = useContent(id).data
    const disabledReason = lacks ?? (content === undefined ? stillLoading : null)
    return (content?.hold ?? null) !== null
        ? ({ id: "lift", name: t("Lift the legal hold…"), disabledReason } as const)
        : ({ id: "hold", name: t("Place a legal hold…"), disabledReason } as const)
}

interface WindowProps {
    subject: Case
    open: boolean
    onClose: () => void
}

const useOtherCases = ({ id }: Case) => (useCases().data?.cases ?? []).filter((other) => other.id !== id)

function useWhyNotLink(subject: Case): string | null {
    const lacks = useWhyNot()("case:write")
    const { isLoading } = useCases()
    const otherCases = useOtherCases(subject)
    return lacks ?? (otherCases.length > 0 ? null : isLoading ? stillLoading : t("there is no other case"))
}

function LinkWindow({ subject, open, onClose }: WindowProps) {
    const otherCases = useOtherCases(subject)
    return (
        <FormWindow
            title={t("Link to another case")}
            submit={t("Link cases")}
            open={open}
            onClose={onClose}
            requests={[
                {
                    name: "kind",
                    label: t("This case is a"),
                    kind: "choice",
                    from: choicesOf<LinkKind>(["bypass_of", "variant_of"]),
                },
                {
                    name: "to",
                    label: t("Case"),
                    kind: "choice",
                    from: otherCases.map(({ id, title }) => ({ value: id, name: title })),
                },
            ]}
            write={(body) => writeTo("POST", `/api/cases/${subject.id}/links`, body)}
        >
            <p className="muted">
                {t(
                    "Restrictions of partners in the other case apply here too. You cannot undo a link. If a partner gets more by the link, it needs a second signature.",
                )}
            </p>
        </FormWindow>
    )
}
