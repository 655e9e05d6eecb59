;;; drive.el --- What a person does in Emacs with a broken flow  -*- lexical-binding: t -*-

;; Each step waits for its outcome. What was seen is written as JSON to the file that $NCCO_SEEN names.

(require 'json)
(require 'imenu)

(defconst longest 20)
(defvar seen nil)

(defun saw (what value)
  (push (cons what value) seen))

(defun do-nothing ()
  "Do what Emacs does while nobody types, for instance tell the server of changes; in batch mode that never comes."
  (dolist (timer (copy-sequence timer-idle-list))
    (timer-event-handler timer)))

(defmacro wait (what condition)
  "Read what the server says until CONDITION holds, for WHAT."
  `(let ((end (+ (float-time) longest)))
     (while (progn (do-nothing) (not ,condition))
       (when (> (float-time) end)
         (error "Waited in vain: %s; seen: %S" ,what seen))
       (accept-process-output nil 0.01))))

(defun visit (name)
  "Open the file NAME; where nobody types, the hook that runs after each key has to be run here."
  (find-file name)
  (run-hooks 'post-command-hook)
  (wait "the server" (eglot-managed-p)))

(defun visit-with-command (name command)
  "Open the file NAME and start eglot by hand, with COMMAND."
  (find-file name)
  (cl-letf (((symbol-function 'read-shell-command) (lambda (&rest _) command)))
    (let ((current-prefix-arg '(4)))
      (call-interactively #'eglot)))
  (wait "the server" (eglot-managed-p)))

(defun findings ()
  "What flymake shows, asked again."
  (flymake-start)
  (flymake-diagnostics))

(defun told (finding)
  `((line . ,(line-number-at-pos (flymake-diagnostic-beg finding)))
    (text . ,(flymake-diagnostic-text finding))))

(defun has (text)
  (save-excursion (goto-char (point-min)) (search-forward text nil t)))

(defun go-to (text)
  (goto-char (point-min))
  (search-forward text)
  (goto-char (match-beginning 0)))

(defun choose-premium (_prompt offered &rest _)
  (let ((titles (all-completions "" offered)))
    (saw 'offered (vconcat titles))
    (seq-find (lambda (title) (string-match-p "premium" title)) titles)))

(defun hover ()
  "What is shown for the word at point."
  (let (text)
    (eglot-hover-eldoc-function (lambda (told &rest _) (setq text told)))
    (wait "hover" text)
    (substring-no-properties text)))

(defun proposed (begun)
  "What completes BEGUN at point."
  (vconcat (mapcar #'substring-no-properties
                   (all-completions begun (nth 2 (eglot-completion-at-point))))))

(defun look ()
  (visit "menu.flow")
  (wait "findings" (findings))
  (saw 'mode (symbol-name major-mode))
  (saw 'findings (vconcat (mapcar #'told (findings))))
  (go-to "helpdesk from")
  (call-interactively #'xref-find-definitions)
  (saw 'definition (buffer-substring (line-beginning-position) (line-end-position)))
  (xref-find-references (xref-backend-identifier-at-point (xref-find-backend)))
  (with-current-buffer "*xref*"
    (saw 'references (buffer-substring-no-properties (point-min) (point-max))))
  (switch-to-buffer "menu.flow")
  (saw 'outline (format "%S" (funcall imenu-create-index-function)))
  (go-to "// Whoever")
  (font-lock-ensure)
  (saw 'comment (symbol-name (get-text-property (+ 3 (point)) 'face))))

(defun change ()
  (go-to "premum")
  ;; Chosen by key, not from a menu of the mouse.
  (let ((completing-read-function #'choose-premium)
        (last-nonmenu-event ?\r))
    (call-interactively #'eglot-code-actions))
  (wait "the fix" (not (has "premum")))
  (wait "no findings" (not (findings)))
  (go-to "connect")
  (saw 'hover (hover))
  (go-to "helpdesk from")
  (eglot-rename "desk")
  (wait "the new name" (has "param desk"))
  (saw 'renamed (buffer-string))
  (go-to "desk from")
  (eglot-rename "helpdesk")
  (wait "the old name" (has "param helpdesk"))
  (goto-char (point-max))
  (insert "t")
  (saw 'proposed (proposed "t"))
  (delete-char -1)
  (save-buffer))

(defun lookup ()
  (visit "orders.flow")
  (wait "findings" (findings))
  (go-to "talk")
  (saw 'lookup_hover (hover))
  (go-to "otherwise")
  (insert "\n        ")
  (backward-char 9)
  (saw 'lookup_proposed (proposed ""))
  (set-buffer-modified-p nil))

(defun others ()
  (visit "ncco.toml")
  (wait "findings of the settings" (findings))
  (saw 'toml (vconcat (mapcar #'told (findings))))
  (go-to "providr")
  (delete-region (point) (line-end-position))
  (wait "no findings of the settings" (not (findings)))
  (save-buffer)
  (visit-with-command "calls/menu.json" "ncco lsp")
  (wait "findings of the JSON" (findings))
  (saw 'json (vconcat (mapcar #'told (findings)))))

(condition-case trouble
    (progn
      (look)
      (change)
      (lookup)
      (others)
      (with-temp-file (getenv "NCCO_SEEN") (insert (json-encode seen)))
      (kill-emacs 0))
  (error
   (message "%s" (error-message-string trouble))
   (kill-emacs 1)))
