/** The window of the command palette. Loaded when it is first opened. */
import { useNavigate } from "@tanstack/react-router"
import { useState } from "react"
import { Autocomplete, Dialog, Input, Menu, MenuItem, Modal, ModalOverlay, SearchField } from "react-aria-components"
import { Icon, type IconName } from "../layout/icon.tsx"
import { switchTheme } from "../layout/theme.ts"
import { type Entry, type EntryKind, findEntries } from "./find-entries.ts"
import { t } from "../../messages/message.ts"

const resultsMax = 12

interface PaletteWindowProps {
    entries: readonly Entry[]
    onDone: () => void
}

export function PaletteWindow({ entries, onDone }: PaletteWindowProps) {
    return (
        <ModalOverlay className="veil" isDismissable isOpen onOpenChange={(is) => !is && onDone()}>
            <Modal className="palette">
                <Dialog aria-label={t("Search or run a command")} className="palette-inside">
                    <Search entries={entries} onDone={onDone} />
                </Dialog>
            </Modal>
        </ModalOverlay>
    )
}

const kinds: Readonly<Record<EntryKind, { readonly icon: IconName; readonly name: string }>> = {
    action: { icon: "arrow", name: t("Actions") },
    screen: { icon: "next", name: t("Go to") },
    case: { icon: "shield", name: t("Cases") },
    partner: { icon: "people", name: t("Partners") },
    artifact: { icon: "file", name: t("Artifacts") },
    warning: { icon: "shield", name: t("Warnings") },
    task: { icon: "check", name: t("To do") },
    message: { icon: "message", name: t("Messages") },
}

function Search({ entries, onDone }: PaletteWindowProps) {
    const [query, setQuery] = useState("")
    const found = findEntries(entries, query).slice(0, resultsMax)
    const navigate = useNavigate()
    const go = ({ to }: Entry) => {
        onDone()
        if (to === null) switchTheme()
        else void navigate({ to })
    }
    return (
        <Autocomplete inputValue={query} onInputChange={setQuery}>
            {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog is this field */}
            <SearchField autoFocus aria-label={t("Search or run a command")}>
                <Input placeholder={t("Search or run a command")} maxLength={200} />
            </SearchField>
            <Menu
                className="palette-list"
                aria-label={t("Results")}
                renderEmptyState={() => <p className="palette-none">{t("Nothing that you may see has this name.")}</p>}
            >
                {found.map((entry) => (
                    <MenuItem key={keyOf(entry)} id={keyOf(entry)} textValue={entry.name} onAction={() => go(entry)}>
                        <Icon name={kinds[entry.kind].icon} />
                        <span className="clip">{entry.name}</span>
                        <span className="muted">{kinds[entry.kind].name}</span>
                    </MenuItem>
                ))}
            </Menu>
        </Autocomplete>
    )
}

const keyOf = ({ kind, name, to }: Entry): string => `${kind} ${name} ${to}`
