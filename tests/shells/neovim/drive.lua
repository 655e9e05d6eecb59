-- What a person does in Neovim with a broken flow, by the keys of docs/editors.md. Each step waits for its outcome.
-- What was seen is written as JSON to the file that $NCCO_SEEN names.

local LONGEST = 20000
local seen = {}

local function wait(what, condition)
  assert(vim.wait(LONGEST, condition, 5), "waited in vain: " .. what .. "\nseen: " .. vim.inspect(seen))
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
end

local function findings()
  local told = {}
  for _, finding in ipairs(vim.diagnostic.get(0)) do
    table.insert(told, { line = finding.lnum + 1, column = finding.col + 1, code = finding.code, text = finding.message })
  end
  return told
end

local function go_to(word)
  vim.fn.cursor(1, 1)
  assert(vim.fn.search("\\V" .. word, "c") > 0, "not in the text: " .. word)
end

local function press(keys)
  vim.cmd("normal " .. keys)
end

local function floating()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= "" then
      return window
    end
  end
end

local function hover(word)
  go_to(word)
  press("K")
  wait("hover", floating)
  local window = floating()
  local shown = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), "\n")
  vim.api.nvim_win_close(window, true)
  return shown
end

local function look()
  wait("findings", function() return #vim.diagnostic.get(0) > 0 end)
  seen.filetype = vim.bo.filetype
  seen.findings = findings()

  go_to("helpdesk from")
  press("gd")
  wait("definition", function() return vim.api.nvim_get_current_line():match("^param") end)
  seen.definition = vim.api.nvim_get_current_line()

  press("grr")
  wait("references", function() return #vim.fn.getqflist() > 0 end)
  seen.references = vim.tbl_map(function(each) return each.lnum end, vim.fn.getqflist())
  vim.cmd("cclose")
  vim.fn.setqflist({}, "f")

  press("gO")
  local function outline()
    return #vim.fn.getqflist() > 0 and vim.fn.getqflist() or vim.fn.getloclist(0)
  end
  wait("outline", function() return #outline() > 0 end)
  seen.outline = vim.tbl_map(function(each) return each.text end, outline())
  vim.cmd("silent! cclose | silent! lclose")
end

local function change()
  seen.offered = {}
  vim.ui.select = function(offered, options, choose)
    seen.offered = vim.tbl_map(options.format_item, offered)
    for number, item in ipairs(offered) do
      if options.format_item(item):match("premium") then
        return choose(item, number)
      end
    end
    choose(nil)
  end
  go_to("premum")
  press("gra")
  wait("the fix", function() return not text():find("premum", 1, true) end)
  wait("no findings", function() return #vim.diagnostic.get(0) == 0 end)

  seen.hover = hover("connect")

  vim.ui.input = function(_, take) take("desk") end
  go_to("helpdesk from")
  press("grn")
  wait("the new name", function() return text():find("param desk", 1, true) end)
  seen.renamed = text()
  vim.ui.input = function(_, take) take("helpdesk") end
  go_to("desk from")
  press("grn")
  wait("the old name", function() return text():find("param helpdesk", 1, true) end)

  vim.cmd("write")
end

local function proposed(keys)
  local words
  function WaitForMenu()
    wait("the menu", function() return vim.fn.pumvisible() == 1 end)
    words = vim.tbl_map(function(item) return item.word end, vim.fn.complete_info({ "items" }).items)
  end
  keys = keys .. "<C-x><C-o><Cmd>lua WaitForMenu()<CR><Esc>"
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(keys, true, true, true), "x", false)
  vim.cmd("edit!")
  return words
end

local function lookup()
  vim.cmd("edit orders.flow")
  wait("findings", function() return #vim.diagnostic.get(0) > 0 end)
  seen.lookup_hover = hover("talk")
  go_to("otherwise")
  seen.lookup_proposed = proposed("O")
end

local function others()
  vim.cmd("edit ncco.toml")
  wait("findings of the settings", function() return #vim.diagnostic.get(0) > 0 end)
  seen.toml = findings()
  -- Not saved: the settings hold as they stand in the editor.
  vim.cmd("3delete")
  wait("no findings of the settings", function() return #vim.diagnostic.get(0) == 0 end)
  vim.cmd("edit calls/menu.json")
  wait("findings of the JSON", function() return #vim.diagnostic.get(0) > 0 end)
  seen.json = findings()
  seen.clients = #(vim.lsp.get_clients or vim.lsp.get_active_clients)()
end

local function report()
  local file = assert(io.open(os.getenv("NCCO_SEEN"), "w"))
  file:write(vim.json and vim.json.encode(seen) or vim.fn.json_encode(seen))
  file:close()
end

local done, trouble = xpcall(function()
  look()
  change()
  seen.proposed = proposed("Got")
  lookup()
  others()
  report()
end, debug.traceback)
if done then
  vim.cmd("qall!")
else
  io.stderr:write(trouble .. "\n")
  vim.cmd("cquit")
end
