"""What whoever runs the machine checks and changes: is it fit for patients, and with which keys."""
