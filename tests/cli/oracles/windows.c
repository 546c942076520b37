/* Reads INI files as Windows does: a line of hexadecimal input is a file, the answer a line of JSON,
   [[section, key, value], ...]. The argument says by what: profile (GetPrivateProfileString), inf (SetupAPI) or reg (regedit). */

#include <windows.h>
#include <setupapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static WCHAR path[MAX_PATH];
static int first;

static void text(const WCHAR *from)
{
    putchar('"');
    for (; *from; from++)
        printf("\\u%04x", *from);
    putchar('"');
}

static void entry(const WCHAR *section, const WCHAR *key, const WCHAR *value)
{
    printf(first ? "[" : ",[");
    first = 0;
    text(section);
    putchar(',');
    text(key);
    putchar(',');
    text(value);
    putchar(']');
}

/* Whether a list has a name before that place: of several the first counts. */
static int known(const WCHAR *list, const WCHAR *place)
{
    const WCHAR *name;
    for (name = list; name < place; name += wcslen(name) + 1)
        if (!_wcsicmp(name, place))
            return 1;
    return 0;
}

static void profile(void)
{
    static WCHAR sections[32768], keys[32768], value[32768];
    WCHAR *section, *key;
    /* What was read before is forgotten. */
    WritePrivateProfileStringW(NULL, NULL, NULL, path);
    GetPrivateProfileSectionNamesW(sections, 32768, path);
    for (section = sections; *section; section += wcslen(section) + 1) {
        if (known(sections, section))
            continue;
        GetPrivateProfileStringW(section, NULL, L"", keys, 32768, path);
        for (key = keys; *key; key += wcslen(key) + 1) {
            if (known(keys, key))
                continue;
            GetPrivateProfileStringW(section, key, L"", value, 32768, path);
            entry(section, key, value);
        }
    }
}

static void inf(void)
{
    static WCHAR sections[32768], key[4096], value[4096];
    WCHAR *section;
    INFCONTEXT at;
    UINT index;
    HINF file = SetupOpenInfFileW(path, NULL, INF_STYLE_OLDNT | INF_STYLE_WIN4, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return;
    section = sections;
    for (index = 0; SetupEnumInfSectionsW(file, index, section, 4096, NULL); index++) {
        if (SetupFindFirstLineW(file, section, NULL, &at))
            do {
                if (!SetupGetStringFieldW(&at, 1, value, 4096, NULL))
                    *value = 0;
                if (_wcsicmp(section, L"Version") && SetupGetStringFieldW(&at, 0, key, 4096, NULL))
                    entry(section, key, value);
            } while (SetupFindNextLine(&at, &at));
    }
    SetupCloseInfFile(file);
}

static void values(HKEY key, const WCHAR *name)
{
    static WCHAR value[4096], shown[16384];
    static BYTE data[4096];
    DWORD index, type;
    for (index = 0;; index++) {
        DWORD length = 4096, size = sizeof(data) - 2, at;
        if (RegEnumValueW(key, index, value, &length, NULL, &type, data, &size))
            return;
        data[size] = data[size + 1] = 0;
        if (type == REG_SZ)
            wcscpy(shown, (WCHAR *)data);
        else if (type == REG_DWORD)
            swprintf(shown, 16384, L"dword:%08x", *(DWORD *)data);
        else {
            wcscpy(shown, L"hex:");
            for (at = 0; at < size; at++)
                swprintf(shown + wcslen(shown), 8, at ? L",%02x" : L"%02x", data[at]);
        }
        entry(name, length ? value : L"@", shown);
    }
}

static void reg(void)
{
    static WCHAR command[MAX_PATH + 32], name[256];
    STARTUPINFOW start = { sizeof(start) };
    PROCESS_INFORMATION process;
    HKEY key, below;
    DWORD index;
    while (!RegDeleteTreeW(HKEY_CURRENT_USER, L"grini"))
        ;
    swprintf(command, MAX_PATH + 32, L"regedit.exe /S \"%ls\"", path);
    if (!CreateProcessW(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &start, &process))
        return;
    WaitForSingleObject(process.hProcess, INFINITE);
    if (RegOpenKeyW(HKEY_CURRENT_USER, L"grini", &key))
        return;
    for (index = 0; !RegEnumKeyW(key, index, name, 256); index++) {
        static WCHAR whole[512];
        RegOpenKeyW(key, name, &below);
        swprintf(whole, 512, L"HKEY_CURRENT_USER\\grini\\%ls", name);
        values(below, whole);
        RegCloseKey(below);
    }
    RegCloseKey(key);
}

int main(int count, char **arguments)
{
    static char line[1 << 20];
    WCHAR folder[MAX_PATH];
    GetTempPathW(MAX_PATH, folder);
    GetTempFileNameW(folder, L"ini", 0, path);
    while (count > 1 && fgets(line, sizeof(line), stdin)) {
        static char bytes[1 << 19];
        static WCHAR wide[1 << 19] = { 0xfeff };
        char *mode = arguments[1], *at = line;
        unsigned byte, count = 0;
        FILE *file = _wfopen(path, L"wb");
        for (; sscanf(at, "%2x", &byte) == 1; at += 2)
            bytes[count++] = byte;
        /* As UTF-16, so that the code page is no matter. */
        count = count ? MultiByteToWideChar(CP_UTF8, 0, bytes, count, wide + 1, (1 << 19) - 1) : 0;
        fwrite(wide, 2, count + 1, file);
        fclose(file);
        first = 1;
        putchar('[');
        if (!strcmp(mode, "inf"))
            inf();
        else if (!strcmp(mode, "reg"))
            reg();
        else
            profile();
        puts("]");
        fflush(stdout);
    }
    DeleteFileW(path);
    return 0;
}
